# Part of install.sh: finds what could write the memory of this host, and with it photos, to a disk.
# It refuses what would, and warns of what might.

warn() { echo "install.sh: warning: $*" >&2; }

# Swap without encryption is harmless only while systemd keeps the services out of it.
check_swap() {
    local swaps=${1:-/proc/swaps} limit=${2:-/sys/fs/cgroup/system.slice/memory.swap.max} place plain=''
    while read -r place _; do
        is_encrypted "$place" || plain+="${plain:+, }$place"
    done < <(tail -n +2 "$swaps")
    case $([ -e "$limit" ] && echo limit):$plain in
    limit:) ;;
    limit:*) warn "swap without encryption ($plain): systemd keeps the services out of it, but" \
        "hibernation would write photos to it; encrypt it, or never hibernate" ;;
    :) warn "no systemd with cgroup v2, which would keep the services out of swap (MemorySwapMax):" \
        "photos may reach a disk if you ever add swap without encryption" ;;
    *) die "swap without encryption ($plain), and no systemd with cgroup v2 to keep the services out" \
        "of it (MemorySwapMax): photos would reach the disk; encrypt it or switch it off" ;;
    esac
}

# Whether a swap partition or file is on dm-crypt, or compressed in memory (zram).
is_encrypted() {
    local place=$1
    case $place in
    /dev/zram*) [ "$(cat "/sys/block/${place#/dev/}/backing_dev" 2>/dev/null || echo none)" = none ] && return ;;
    /dev/*) ;;
    *) place=$(findmnt -nvo SOURCE -T "$place" 2>/dev/null || true) ;;
    esac
    [[ $(lsblk -snro TYPE "$place" 2>/dev/null || true) == *crypt* ]]
}

check_dumps() {
    local kernel=${1:-/sys/kernel/kexec_crash_loaded} pattern=${2:-/proc/sys/kernel/core_pattern} handler
    [ "$(cat "$kernel" 2>/dev/null || echo 0)" = 0 ] ||
        die "kdump is on: when the kernel crashes, it writes the memory of this host, with photos, to a" \
            "disk; switch it off: systemctl disable --now kdump-tools"
    handler=$(cat "$pattern" 2>/dev/null || true)
    # systemd-coredump obeys LimitCORE=0 of systemd/yanling.conf; other programs need not
    case $handler in
    "|"*/systemd-coredump*) ;;
    "|"*) warn "core dumps go to ${handler%% *}, which may write the memory of a crashed process, with" \
        "photos, to a disk; switch it off: sysctl kernel.core_pattern=core" ;;
    esac
}

# Runs after the packages are installed: logrotate is one of them, but something must start it.
check_logrotate() {
    [ -d "${1:-/run/systemd/system}" ] || command -v cron >/dev/null ||
        warn "neither systemd nor cron, which would start logrotate: nginx's logs grow, and are kept," \
            "for ever"
}
