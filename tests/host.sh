#!/usr/bin/env bash
# Test deploy/install.sh on a bare host: Debian 12 or 13 or Ubuntu 24.04 from its archive, in a chroot
# with its own processes, but on this machine's ports 80 and 443; or, --booted, Debian with systemd.
#
#     sudo tests/host.sh [--booted] [bookworm|trixie|noble [OPTION OF DEBOOTSTRAP…]]
#
# Two clients upload a portrait during each step. Takes ten minutes. Exit status 1 when an upload
# failed or a step ended otherwise than expected.
set -euo pipefail
checkout=$(dirname "$(dirname "$(realpath "$0")")")
name=face.example.com booted='' packages=''

# Install the bare system, and copy what this machine needs to reach the archives: its resolver,
# proxies and certificates.
make_host() {
    local suite=${1:-bookworm} mirror=http://deb.debian.org/debian components=main script=()
    shift || true
    if [ "$suite" = noble ]; then
        mirror=http://archive.ubuntu.com/ubuntu components=main,universe
        [ -e "/usr/share/debootstrap/scripts/$suite" ] || script=(/usr/share/debootstrap/scripts/gutsy)
    fi
    debootstrap --components=$components ${packages:+--include=$packages} "$@" "$suite" "$host" $mirror "${script[@]}" >"$scratch/log" ||
        { tail "$scratch/log" && exit 1; }
    rm -f "$host/etc/resolv.conf"
    cp -L /etc/resolv.conf /etc/hosts "$host/etc/"
    [ ! -e /etc/pip.conf ] || cp /etc/pip.conf "$host/etc/"
    apt-config dump | grep -i "^Acquire::https*::Proxy" >"$host/etc/apt/apt.conf.d/99proxy" || true
    mkdir -p "$host/usr/local/share/ca-certificates" "$host/root/yanling"
    cp /usr/local/share/ca-certificates/*.crt "$host/usr/local/share/ca-certificates/" 2>/dev/null || true
    chroot "$host" sh -c 'if command -v update-ca-certificates; then update-ca-certificates; fi' &>/dev/null
    git -C "$checkout" ls-files -z | tar -C "$checkout" --null -cT - | tar -xC "$host/root/yanling"
    "$checkout/.venv/bin/python" -c 'import sys
from PIL import Image
from skimage import data
Image.fromarray(data.astronaut()).save(sys.argv[1], quality=95)' "$scratch/photo.jpg"
}

# run COMMAND…: on the host; net COMMAND…: one of this machine, in the host's network
run() { chroot "$host" "$@"; }
net() { "$@"; }

upload() {
    net curl -s -m 60 --cacert "$host/etc/ssl/yanling/self-signed.pem" --noproxy "*" \
        --resolve $name:443:127.0.0.1 -F "file=@$scratch/photo.jpg" "$@" https://$name/upload
}

load() { while [ -e "$scratch/load" ]; do upload -o /dev/null -w '%{http_code} %{time_total}\n' || true; done; }

# step WANTED-STATUS LABEL OPTIONS…: run install.sh while two clients upload, and print their answers
step() {
    local client wanted=$1 label=$2 begin=$EPOCHREALTIME status=0
    shift 2
    touch "$scratch/load"
    local clients=()
    for client in 1 2; do
        load >"$scratch/$client" &
        clients+=($!)
    done
    run /root/yanling/deploy/install.sh "$@" &>"$scratch/output" || status=$?
    local seconds
    seconds=$(awk "BEGIN { printf \"%.0f\", $EPOCHREALTIME - $begin }")
    sleep 2
    rm "$scratch/load"
    wait "${clients[@]}"
    sed 's/^/    /' "$scratch/output"
    awk -v label="$label" -v s="$seconds" '{ n++; if ($1 != 200) bad++; if ($2 > m) m = $2 }
        END { printf "%-12s %4d s  %4d uploads, %d failed, longest wait %.1f s\n", label, s, n, bad, m
              exit (bad > 0) }' "$scratch/1" "$scratch/2"
    [ $status = "$wanted" ]
}

# The service's user puts links in the place of $1… in RUN, as far as it can.
plant() {
    local name
    mkdir -p "$host/srv/victim"
    touch -d 2020-01-01 "$host/srv/victim"
    for name in "$@"; do
        run runuser -u yanling -- sh -c 'mv "$0" "$0~"; ln -s /srv/victim "$0"' \
            "/run/yanling/$name" 2>/dev/null || true
    done
}

# Whether root has neither given away nor touched what the links lead to.
unharmed() {
    local state
    state=$(stat -c "%U %y" "$host/srv/victim")
    [[ $state = "root 2020-01-01 "* ]] || { echo "root followed a link: $state" && exit 1; }
}

mount_host() {
    mount -t proc proc "$host/proc"
    mount -t tmpfs -o mode=755 tmpfs "$host/run"
    mount --rbind /dev "$host/dev"
}

inside() {
    if [ -n "$booted" ]; then boot; else mount_host; fi
    local begin=$SECONDS
    run /root/yanling/deploy/install.sh $name --self-signed 2>&1 | tee "$scratch/output" | sed 's/^/    /'
    [ -n "$booted" ] || grep -q "warning: no systemd with cgroup v2" "$scratch/output"
    printf '%-12s %4d s\n' install $((SECONDS - begin))
    upload | tee "$scratch/answer" && echo
    grep -q '"gender":"Female"' "$scratch/answer"
    step 0 again $name --self-signed
    plant nginx-bodies reload
    run nginx -s reload # as root, it makes its folders
    unharmed
    run chown yanling /run/yanling # as earlier releases left it
    plant reload
    sed -i 's/alive/alive and new/' "$host/root/yanling/app/health.py"
    step 0 upgrade
    unharmed
    step 0 roll-back --roll-back
    step 0 forward --roll-back
    echo 'raise ValueError("broken")' >>"$host/root/yanling/app/wsgi.py"
    step 1 broken
    run systemd-analyze verify --man=no /lib/systemd/system/{nginx,supervisor}.service \
        2>&1 | tee "$scratch/output"
    [ ! -s "$scratch/output" ] # systemd exits with 0 when it ignores a line
    if [ -n "$booted" ]; then check_booted; fi
    echo "passed"
}

if [ "${1:-}" = --booted ]; then
    booted=--booted
    . "$checkout/tests/booted.sh"
    shift
fi
if [ "${1:-}" = --inside ]; then
    scratch=$2 host=$2/host
    inside
    exit
fi
[ "$(id -u)" = 0 ] || { echo "needs root: sudo $0" >&2 && exit 1; }
for program in debootstrap ${booted:+systemd-nspawn}; do
    command -v $program >/dev/null || { echo "needs $program; Debian has it in debootstrap and systemd-container" >&2 && exit 1; }
done
scratch=$(mktemp -d /var/tmp/yanling-host-XXXXXX) host=$scratch/host
# the mounts exist only in the new namespace, so this removes nothing but the folder
trap 'rm -rf "$scratch" && [ -z "$booted" ] || remove_cgroup' EXIT
make_host "$@"
[ -z "$booted" ] || fetch_wheels
unshare --mount --pid --fork --kill-child --mount-proc "$0" $booted --inside "$scratch"
