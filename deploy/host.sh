# Part of install.sh: prepares a bare host for the service.

check_host() {
    [ "$(id -u)" = 0 ] || die "needs root: sudo $0 …"
    local system
    system=$(. /etc/os-release && echo "$ID $VERSION_ID")
    case $system in
    "debian 1"[2-9] | "ubuntu 2"[4-9].*) ;;
    *) die "needs Debian 12 or Ubuntu 24.04, or newer; this is $system" ;;
    esac
}

# dlib's wheel for x86-64 uses AVX; without it Python would die without a message.
check_processor() {
    local cpuinfo=${1:-/proc/cpuinfo} machine=${2:-$(uname -m)}
    case $machine in
    x86_64)
        grep -qw avx "$cpuinfo" || die "this processor has no AVX: use an x86-64 host with AVX," \
            "or pass the host's processor on to the virtual machine (CPU type \"host\")"
        ;;
    aarch64) ;;
    *) die "needs an x86-64 processor with AVX, or arm64; this is $machine" ;;
    esac
}

install_packages() {
    local package missing='' wanted
    wanted="ca-certificates curl iproute2 logrotate make nginx openssl python3-venv supervisor"
    [[ $(value CERTIFICATE) != /etc/letsencrypt/* ]] || wanted+=" certbot"
    command -v systemd-tmpfiles >/dev/null || wanted+=" systemd-standalone-tmpfiles"
    for package in $wanted; do
        [ "$(dpkg-query -Wf '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
            missing+=" $package"
    done
    [ -n "$missing" ] || return 0
    say "packages:$missing"
    apt-get update -qq
    # shellcheck disable=SC2086 # one word for each package
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing >/dev/null
}

make_user() {
    local user
    user=$(value USER)
    if ! id "$user" &>/dev/null; then
        say "user $user"
        useradd --system --user-group --no-create-home --shell /usr/sbin/nologin "$user"
    fi
    # lets nginx open uWSGI's socket
    [[ " $(id -nG www-data) " == *" $user "* ]] || usermod -aG "$user" www-data
}

# Debian's default is fewer connections than yanling.conf allows. Any other number is kept.
allow_connections() { sed -i 's/worker_connections 768;/worker_connections 4096;/' "$etc/nginx/nginx.conf"; }

# Starts nginx and supervisor with the limits in systemd/.
start_services() {
    local service file changed=()
    for service in nginx supervisor; do
        for file in yanling $service; do
            ! put "$filled/systemd/$file.conf" "$etc/systemd/system/$service.service.d" || changed+=("$service")
        done
    done
    if [ ! -d /run/systemd/system ]; then # no systemd, as in a container
        web -s reopen 2>/dev/null || web
        control pid >/dev/null || supervisord -c "$etc/supervisor/supervisord.conf"
        return
    fi
    if [ ${#changed[@]} -gt 0 ]; then
        systemctl daemon-reload
        systemctl restart "${changed[@]}"
    fi
    systemctl start nginx supervisor
}

check_ports() {
    local setting port other names="HTTP_LISTEN HTTPS_LISTEN METRICS_LISTEN"
    [ -z "$(value BALANCERS)" ] || names+=" BALANCER_LISTEN"
    for setting in $names; do
        port=$(value $setting)
        port=${port%% *}
        other=$(ss -Hltnp "sport = :${port##*:}" | grep -v '"nginx"' || true)
        [ -z "$other" ] || die "$setting: port ${port##*:} is in use: $other"
    done
}

# Copies a file into a folder and keeps the old one as FILE~; false when nothing has changed.
put() {
    local target=$2/${1##*/}
    ! cmp -s "$1" "$target" || return 1
    mkdir -p "$2"
    cp --backup=simple "$1" "$target"
}

# Undoes put().
undo_put() { if [ -e "$1~" ]; then mv "$1~" "$1"; else rm "$1"; fi; }
