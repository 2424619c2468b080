#!/usr/bin/env bash
# Turns a bare Debian 12 or Ubuntu 24.04 into a running HTTPS service; upgrades it and rolls it back.
set -euo pipefail
umask 022
ulimit -c 0 # for what is started here: a core dump of nginx would contain photos
PATH=$PATH:/usr/sbin:/sbin

usage() {
    cat <<'END'
Usage: install.sh NAME [--email ADDRESS | --certificate FILE --key FILE | --self-signed]
       install.sh              upgrades to this checkout, and applies edited settings
       install.sh --roll-back  returns to the previous release (run again: forward again)

  NAME                the host name that clients use, such as face.example.com
  --email ADDRESS     where Let's Encrypt sends its warnings. Its certificate is the default; by
                      using it you agree to its terms
  --certificate FILE  your own certificate with its chain (PEM), and
  --key FILE          its key (PEM)
  --self-signed       a certificate that no phone trusts, for a trial
  --etc DIR           write the configuration to DIR instead of /etc, for an nginx and a supervisord
                      that already run and read it there; needs no root, installs no packages

The settings are in /etc/yanling.env. Running this again changes only what differs, and keeps your
edits of that file.
END
}

say() { echo "- $*"; }
die() {
    echo "install.sh: $*" >&2
    exit 1
}

read_options() {
    name='' email='' certificate='' key='' self_signed='' roll_back='' etc=/etc
    while [ $# -gt 0 ]; do
        case $1 in
        -h | --help) usage && exit ;;
        --roll-back) roll_back=yes ;;
        --self-signed) self_signed=yes ;;
        --email | --certificate | --key | --etc)
            [ $# -gt 1 ] || die "$1 needs a value; see --help"
            declare -g "${1#--}=$2"
            shift
            ;;
        -*) die "unknown option $1; see --help" ;;
        *)
            [ -z "$name" ] || die "there can be only one NAME. Received: $name $1"
            name=${1,,}
            ;;
        esac
        shift
    done
    [[ $name =~ ^[a-z0-9.-]*$ ]] || die "not a host name: $name"
    etc=$(realpath "$etc")
    if [ -n "$self_signed" ]; then
        [ -z "$email$certificate$key" ] || die "--self-signed excludes --email, --certificate and --key"
        certificate=$etc/ssl/yanling/self-signed.pem key=$etc/ssl/yanling/self-signed.key
    elif [ -n "$certificate$key" ]; then
        [ -r "$certificate" ] || die "--certificate: cannot read '$certificate'"
        [ -r "$key" ] || die "--key: cannot read '$key'"
        certificate=$(realpath -s "$certificate") key=$(realpath -s "$key")
    fi
}

# The value of a setting; from site.env if the host's file is older and lacks it.
value() { cat "$source/deploy/site.env" "$settings" | sed -n "s/^$1=//p" | tail -n 1; }

write_settings() {
    [ -n "$name" ] || [ -e "$settings" ] || die "what NAME do clients use? See --help"
    check_own_certificate
    if [ -e "$settings" ]; then
        cp -p "$settings" "$settings.before"
    else
        say "settings: $settings"
        cp "$source/deploy/site.env" "$settings"
    fi
    local renamed=''
    if [ -n "$name" ] && [ "$name" != "$(value SERVER_NAME)" ]; then
        set_value SERVER_NAME "$name"
        set_value PUBLIC_URL "https://$name"
        renamed=yes
    fi
    if [ -n "$certificate" ]; then
        set_value CERTIFICATE "$certificate"
        set_value CERTIFICATE_KEY "$key"
    elif [ -n "$renamed$email" ]; then
        set_value CERTIFICATE "/etc/letsencrypt/live/$(value SERVER_NAME)/fullchain.pem"
        set_value CERTIFICATE_KEY "/etc/letsencrypt/live/$(value SERVER_NAME)/privkey.pem"
    fi
}

set_value() {
    [ "$(value "$1")" != "$2" ] || return 0
    grep -q "^$1=" "$settings" || echo "$1=" >>"$settings"
    sed -i "s|^$1=.*|$1=$2|" "$settings"
}

# However a run ends, what it did to the settings stays only if they serve.
tidy() {
    rm -f "$answer"
    [ ! -e "$etc/yanling.env.before" ] || mv "$etc/yanling.env.before" "$etc/yanling.env"
}

source=$(dirname "$(dirname "$(realpath "$0")")")
. "$source/deploy/host.sh"
. "$source/deploy/folders.sh"
. "$source/deploy/memory.sh"
. "$source/deploy/certificate.sh"
. "$source/deploy/release.sh"

read_options "$@"
settings=$etc/yanling.env answer=$etc/nginx/conf.d/yanling-acme.conf
if [ "$etc" = /etc ]; then check_host; fi
check_processor
exec 9<"$etc"
flock -n 9 || die "another install.sh is running"
trap tidy EXIT
if [ -z "$roll_back" ]; then
    write_settings
elif [ ! -e "$settings" ]; then
    die "nothing is installed: there is no $settings"
fi
check_folders
if [ "$etc" = /etc ]; then
    check_swap
    check_dumps
    install_packages 9<&- # 9<&-: processes started here must not hold the lock
    check_logrotate
    make_user
    allow_connections
    filled=$(mktemp -d)
    python3 "$source/deploy/render.py" "$settings" "$filled"
    check_owners
    [ -d "$(value RUN)" ] || place_run # nginx does not start without it
    start_services 9<&-
    rm -r "$filled"
fi
check_ports

link=$(value ROOT)
releases=$(dirname "$link")/releases
before=$(readlink -e "$link" || true)
[ -z "$roll_back" ] || find_previous
get_certificate
[ -n "$roll_back" ] || build_release
trap "" INT HUP TERM # do not stop half-way between two releases
activate || put_back
touch "$release/ran"
rm -f "$settings.before"
cp -p "$settings" "$settings~" # the ones that serve
prune
say "release ${release##*/} serves $(value PUBLIC_URL)"
