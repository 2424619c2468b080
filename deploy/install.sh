#!/usr/bin/env bash
# From a bare Debian 12 or Ubuntu 24.04 to a running HTTPS service; then its upgrade and roll-back.
set -euo pipefail
umask 022
PATH=$PATH:/usr/sbin:/sbin

usage() {
    cat <<'END'
Usage: install.sh NAME [--email ADDRESS | --certificate FILE --key FILE | --self-signed]
       install.sh              again: to upgrade to this checkout, or after an edit of the settings
       install.sh --roll-back  to the release that ran before (once more: forward again)

  NAME                what clients call the service, such as face.example.com
  --email ADDRESS     a certificate from Let's Encrypt, the default, which warns this address;
                      you agree to its terms
  --certificate FILE  your own certificate with its chain, and
  --key FILE          its key; both PEM
  --self-signed       a certificate that no phone trusts, for a try
  --etc DIR           configuration in DIR instead of /etc, for an nginx and a supervisord that
                      read it there and run already; needs no root, installs no packages

Safe to run again: what is as it should be stays untouched, and so do your edits of
/etc/yanling.env, where the settings are.
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
            [ -z "$name" ] || die "one NAME, please. Received: $name $1"
            name=${1,,}
            ;;
        esac
        shift
    done
    [[ $name =~ ^[a-z0-9.-]*$ ]] || die "not a host name: $name"
    etc=$(realpath "$etc")
    if [ -n "$self_signed" ]; then
        [ -z "$email$certificate$key" ] || die "--self-signed or another certificate, not both"
        certificate=$etc/ssl/yanling/self-signed.pem key=$etc/ssl/yanling/self-signed.key
    elif [ -n "$certificate$key" ]; then
        [ -r "$certificate" ] || die "--certificate: cannot read '$certificate'"
        [ -r "$key" ] || die "--key: cannot read '$key'"
        certificate=$(realpath -s "$certificate") key=$(realpath -s "$key")
    fi
}

# The value of one setting; site.env has those that are newer than the host's file.
value() { cat "$source/deploy/site.env" "$settings" | sed -n "s/^$1=//p" | tail -n 1; }

write_settings() {
    if [ ! -e "$settings" ]; then
        [ -n "$name" ] || die "what NAME do clients call? See --help"
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

source=$(dirname "$(dirname "$(realpath "$0")")")
. "$source/deploy/host.sh"
. "$source/deploy/certificate.sh"
. "$source/deploy/release.sh"

read_options "$@"
settings=$etc/yanling.env
if [ "$etc" = /etc ]; then check_host; fi
exec 9<"$etc"
flock -n 9 || die "another install.sh is at work"
if [ -z "$roll_back" ]; then
    write_settings
elif [ ! -e "$settings" ]; then
    die "nothing is installed: there is no $settings"
fi
if [ "$etc" = /etc ]; then
    install_packages 9<&- # what is started here is not to hold the lock
    make_user
    widen_nginx
    filled=$(mktemp -d)
    python3 "$source/deploy/render.py" "$settings" "$filled"
    make_run
    start_services 9<&-
    rm -r "$filled"
fi
check_ports
get_certificate

link=$(value ROOT)
releases=$(dirname "$link")/releases
before=$(readlink -e "$link" || true)
if [ -n "$roll_back" ]; then
    find_previous
else
    build_release
fi
trap "" INT HUP TERM # half-way between two releases is no place to stop
activate || put_back
touch "$release/ran"
prune
say "release ${release##*/} serves at $(value PUBLIC_URL)"
