# Part of host.sh: the same host, but booted by systemd, in a container with a network of its own.
# That network leads nowhere, so packages and wheels are there before.

packages=ca-certificates,curl,dbus,iproute2,logrotate,make,nginx,openssl,procps,python3-venv,supervisor,systemd,systemd-sysv
address=192.0.2.1 # of the host, but not of localhost

fetch_wheels() {
    chroot "$host" sh -c "python3 -m venv /tmp/v && /tmp/v/bin/pip -q --disable-pip-version-check \
        download --no-deps --only-binary :all: -d /opt/wheels -r /root/yanling/requirements/serving.txt"
    printf '[global]\nno-index = true\nfind-links = /opt/wheels\n' >"$host/etc/pip.conf"
}

boot() {
    # A control group of its own, or two containers would kill each other's processes. The variable is
    # for machines with both versions of control groups, bpf for IPAddressDeny.
    mkdir -p "$(cgroup)"
    (echo $BASHPID >"$(cgroup)/cgroup.procs" && exec env SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 \
        systemd-nspawn -q -D "$host" --boot --register=no --keep-unit --console=read-only \
        --private-network --system-call-filter=bpf) >"$scratch/console" 2>&1 &
    nspawn=$!
    wait_for 60 is_up
    run ip address add $address/32 dev lo
}

cgroup() { echo "$(findmnt -n -o TARGET -t cgroup2 | head -n 1)/${scratch##*/}"; }

# after the end of its processes
remove_cgroup() { find "$(cgroup)" -depth -type d -exec rmdir {} + 2>/dev/null || true; }

is_up() {
    init=$(pgrep -P $nspawn -x systemd) &&
        run systemctl is-system-running 2>/dev/null | grep -qE "running|degraded"
}

# run COMMAND…: inside; net COMMAND…: one of this machine, in the host's network
run() { nsenter -t "$init" -m -u -i -n -p -- env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "$@"; }
net() { nsenter -t "$init" -n -- "$@"; }

# wait_for SECONDS COMMAND…: until it succeeds
wait_for() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $end ] || { echo "in vain: $*" >&2 && return 1; }
        sleep 0.1
    done
}

answered() { [ "$(upload -m 5 -o /dev/null -w '%{http_code}')" = 200 ]; }
gone() { ! run kill -0 "$1" 2>/dev/null; }
nginx() { run cat /run/nginx.pid; }
uwsgi() { run cat /run/yanling/service/uwsgi.pid; }
as_many_as() { [ "$(uwsgi_family | wc -w)" = "$(wc -w <<<"$1")" ]; }
uwsgi_family() { run pgrep -d ' ' -f "/uwsgi --ini"; }
children() { run pgrep -d ' ' -P "$1"; }

# harm LABEL SIGNAL PIDS GONE UNTOUCHED: signal PIDS, wait until those in GONE no longer exist and an
# upload is answered. What the command UNTOUCHED prints must not have changed.
harm() {
    local label=$1 pid before begin=$EPOCHREALTIME
    before=$($5)
    run kill -s "$2" $3
    for pid in $4; do wait_for 180 gone "$pid"; done
    wait_for 180 answered
    awk "BEGIN { printf \"%-26s %5.1f s\n\", \"$label\", $EPOCHREALTIME - $begin }"
    [ "$($5)" = "$before" ] || { echo "$label: something else was restarted too" >&2 && return 1; }
}

check_booted() {
    check_recovery
    check_operation
    check_sandbox
    check_reboot
}

check_recovery() {
    local family workers
    harm "nginx's master killed" KILL "$(nginx)" "$(nginx)" uwsgi_family
    harm "nginx's workers stopped" STOP "$(children "$(nginx)")" "$(nginx)" uwsgi_family
    harm "uWSGI's master killed" KILL "$(uwsgi)" "$(uwsgi)" nginx
    wait_for 60 run sh -c "supervisorctl status yanling | grep -q RUNNING"
    workers=$(children "$(uwsgi)")
    harm "uWSGI's workers stopped" STOP "$workers" "$workers" uwsgi
    harm "uWSGI's master stopped" STOP "$(uwsgi)" "$(uwsgi)" nginx
    family=$(uwsgi_family)
    harm "supervisord killed" KILL "$(run cat /run/supervisord.pid)" "$family" nginx
    wait_for 60 as_many_as "$family"
    run systemctl show nginx supervisor -p OOMPolicy --value | grep . | uniq -c | grep -q "2 continue"
}

check_operation() {
    local workers worker
    run logrotate -f /etc/logrotate.d/nginx
    wait_for 60 answered
    wait_for 60 run grep -q /upload /var/log/nginx/yanling-access.log
    run systemctl reload nginx
    workers=$(children "$(uwsgi)")
    run touch /run/yanling/reload
    for worker in $workers; do wait_for 60 gone "$worker"; done
    wait_for 60 answered
    run supervisorctl restart yanling >/dev/null
    wait_for 60 answered
    echo "logs rotated, nginx and the service reloaded, the service restarted"
}

# Inside the units nothing may be allowed of all that is allowed outside, but for what nginx needs.
check_sandbox() {
    local everything unit
    cp "$checkout/tests/deploy/forbidden.py" "$host/opt/"
    everything=$(run python3 /opt/forbidden.py $address)
    [ "$(wc -w <<<"$everything")" = "$(grep -c '^    "[a-z-]*": ' "$host/opt/forbidden.py")" ]
    printf '[program:forbidden]\ncommand=python3 /opt/forbidden.py %s\nstdout_logfile=/run/service\nstartsecs=0\nautorestart=false\n' \
        $address >"$host/etc/supervisor/conf.d/forbidden.conf"
    run supervisorctl update forbidden >/dev/null
    wait_for 60 run sh -c "supervisorctl status forbidden | grep -q EXITED"
    mkdir -p "$host/etc/systemd/system/nginx.service.d"
    printf '[Service]\nExecStartPost=/bin/sh -c "python3 /opt/forbidden.py %s >/run/nginx-may"\n' $address \
        >"$host/etc/systemd/system/nginx.service.d/forbidden.conf"
    run systemctl daemon-reload
    run systemctl restart nginx
    rm "$host"/etc/{supervisor/conf.d,systemd/system/nginx.service.d}/forbidden.conf
    run supervisorctl update forbidden >/dev/null
    run systemctl daemon-reload
    echo "allowed outside: $everything; to nginx: $(run cat /run/nginx-may); to the service: $(run cat /run/service)"
    [ "$(run cat /run/nginx-may)" = "read-root connect" ]
    [ "$(run cat /run/service)" = "" ]
    for unit in nginx supervisor; do run systemd-analyze security $unit | tail -n 1; done
}

# not by a reboot: where /run is on a disk, nspawn fails to start again
check_reboot() {
    run systemctl poweroff
    wait $nspawn || true
    boot
    wait_for 120 answered
    echo "answers after a reboot"
}
