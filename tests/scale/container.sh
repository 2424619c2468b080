#!/usr/bin/env bash
# Build the image of deploy/container/ on a bare Debian from its archive, run it with podman, and
# check what its README promises.
#
#     sudo tests/scale/container.sh [OPTION OF DEBOOTSTRAP…]
#
# Prints one line for each check and takes about ten minutes. Exit status 1 when a check failed. The
# images localhost/yanling:base, which the next trial uses again, and localhost/yanling:trial stay.
# Needs buildah, podman, runc, debootstrap, curl and jq.
set -euo pipefail
cd "$(dirname "$0")/../.."
base=localhost/yanling:base image=localhost/yanling:trial container=yanling-trial-$$ failed=0
# runc, because crun fails where only some controllers are in cgroup v1
run=(run --detach --name "$container" --ulimit nofile=4096:4096
    --ulimit nproc=4096:4096 --cpus 2 --memory 1800m --memory-swap 1800m --shm-size 128m --read-only --read-only-tmpfs=false
    --cap-drop all --security-opt no-new-privileges --publish 127.0.0.1::8080 --publish 127.0.0.1::9145)

# without systemd, podman complains that it cannot start timers for HEALTHCHECK
podman() { command podman --log-level fatal --runtime runc "$@"; }

# check LABEL COMMAND…: one line, with what the command prints
check() {
    local label=$1 said state=ok
    shift
    said=$("$@" 2>&1) || state=FAILED failed=1
    printf '%-7s%-34s%s\n' $state "$label" "${said//$'\n'/ }"
}

# As Debian's slim image: the smallest system, without manuals and translations.
make_base() {
    debootstrap --variant=minbase "$@" bookworm "$scratch/base" http://deb.debian.org/debian \
        >"$scratch/log" || { tail "$scratch/log" && exit 1; }
    cat >"$scratch/base/etc/apt/sources.list" <<END
deb http://deb.debian.org/debian bookworm main
deb http://deb.debian.org/debian bookworm-updates main
deb http://deb.debian.org/debian-security bookworm-security main
END
    printf 'path-exclude /usr/share/%s/*\n' doc man locale >"$scratch/base/etc/dpkg/dpkg.cfg.d/slim"
    rm -rf "$scratch"/base/usr/share/{doc,man,info,locale}/* "$scratch"/base/var/{lib/apt/lists,log}/* \
        "$scratch"/base/var/cache/apt/{*.bin,archives/*.deb}
    tar -C "$scratch/base" -c . | podman import --quiet - $base >/dev/null
}

# With this machine's certificates, because it may reach PyPI only through a proxy.
build() {
    mkdir "$scratch/mnt"
    cp /etc/ssl/certs/ca-certificates.crt "$scratch/mnt/"
    printf '[global]\ncert = /mnt/ca-certificates.crt\n' >"$scratch/pip.conf"
    buildah bud --isolation oci --runtime runc --network host --format docker \
        --secret id=pip.conf,src="$scratch/pip.conf" --volume "$scratch/mnt:/mnt:ro" \
        --build-arg BASE=$base --build-arg REVISION="$(git rev-parse HEAD)" \
        --file deploy/container/Containerfile --tag $image . &>"$scratch/log" ||
        { tail -30 "$scratch/log" && exit 1; }
}

inside() { podman exec "$container" "$@"; }

size() {
    local bytes
    bytes=$(podman image inspect $image --format '{{.Size}}')
    echo "$((bytes / 1000000)) MB"
    [ "$bytes" -le 450000000 ]
}

labels() {
    podman image inspect $image | jq -re '.[0].Labels | [.["org.opencontainers.image.version",
        "org.opencontainers.image.revision", "org.opencontainers.image.licenses"]] | join(", ")'
}

parts() {
    inside cat /opt/yanling/yanling.cdx.json | jq -re '[.components[] | .purl // "pkg:weights"]
        | group_by(split("/")[0]) | map("\(length) \(.[0] | split("/")[0])") | join(", ")'
}

# The packages in the image and those of the lock, but for what is of another system.
wheels() {
    inside python3 -c 'from importlib.metadata import distributions
for one in distributions(path=["'"$(inside sh -c 'echo /opt/venv/lib/python3*/site-packages')"'"]):
    print(f"{one.name}=={one.version}".lower().replace("_", "-"))' | sort >"$scratch/installed"
    grep -oP '^[\w.-]+==[^ ]+' requirements/serving.txt | sort >"$scratch/locked"
    diff "$scratch/locked" "$scratch/installed" && echo "$(wc -l <"$scratch/locked") packages"
}

ready() {
    until curl -sf -m 60 "http://$metrics/readyz" >/dev/null; do
        podman container inspect "$container" --format '{{.State.Running}}' | grep -q true ||
            { podman logs "$container" && return 1; }
        sleep 0.05
    done
    awk "BEGIN { printf \"%.1f s\n\", $EPOCHREALTIME - $began }"
}

portrait() {
    curl -s -m 60 "$@" -F "file=@$scratch/astronaut.png" "http://$clients/upload" >"$scratch/answer"
    diff "$scratch/answer" <(grep -m 1 '^{"age":' README.md)
}

status() { # WANTED URL
    [ "$(curl -s -m 60 -o /dev/null -w '%{http_code}' "$2")" = "$1" ] && echo "$1"
}

# Neither may it create a file, nor is anything mounted for writing that is not memory.
read_only() {
    ! inside touch /file /opt/yanling/file /tmp/file /var/tmp/file 2>/dev/null &&
        inside cat /proc/mounts | awk '$4 ~ /(^|,)rw(,|$)/ && $3 !~ /^(tmpfs|proc|devpts|mqueue)$/ {
            bad = 1; print } END { exit bad }'
}

not_root() {
    inside cat /proc/1/status | awk '/^(Uid|CapEff|CapBnd|NoNewPrivs|Seccomp):/ { printf "%s %s ", $1, $2
        bad += $2 != ($1 == "Uid:" ? 10001 : $1 == "NoNewPrivs:" ? 1 : $1 == "Seccomp:" ? 2 : 0) }
        END { exit bad > 0 }'
}

# Photos of 20 and 50 megapixels and of 60 faces, four at a time. They may be refused, if the answer
# says so; the container lives on.
dear_photos() {
    .venv/bin/python -c 'import sys
from deploy.testing import photos
from PIL import Image
large = Image.fromarray(photos.astronaut()).resize((7070, 7070))
small = large.resize((4470, 4470))
for name, photo in {"a.jpg": photos.encode(large, quality=80), "c.png": photos.encode(large, "PNG"),
    "b.jpg": photos.encode(large, quality=80, progressive=True), "e.heic": photos.encode(small, "HEIC"),
    "d.webp": photos.encode(small, "WEBP"), "f.jpg": photos.encode(photos.school_class())}.items():
    open(f"{sys.argv[1]}/dear-{name}", "wb").write(photo)' "$scratch"
    for _ in 1 2 3; do printf '%s\n' "$scratch"/dear-*; done |
        xargs -P 4 -I{} curl -s -m 120 -o /dev/null -w '%{http_code}\n' -F file=@{} \
            "http://$clients/v1/faces" | sort | uniq -c | awk '{ print $1 " x " $2; bad += $2 >= 500 || $2 == 0 }
            END { exit bad > 0 }'
}

memory() {
    local group file
    group=$(podman container inspect "$container" --format '{{.State.CgroupPath}}')
    for file in "/sys/fs/cgroup/memory$group/memory.max_usage_in_bytes" "/sys/fs/cgroup$group/memory.peak"; do
        [ ! -e "$file" ] || echo "at most $(($(cat "$file") / 1000000)) MB"
    done
}

# SIGTERM while a photo is still on its way: it gets its answer.
stop() {
    local upload answered=0 status
    portrait --limit-rate 150k &
    upload=$!
    sleep 1
    podman stop --time 60 "$container" >/dev/null
    wait $upload || answered=1
    status=$(podman container inspect "$container" --format '{{.State.ExitCode}}')
    echo "exit status $status, the photo on its way $([ $answered = 0 ] && echo answered || echo lost)"
    [ "$status$answered" = 00 ]
}

# What the container has changed in its file system, but for the places where podman mounts things.
nothing_left() {
    local left
    left=$(podman diff "$container" | grep -vE '^C /(dev|etc|proc|run|sys|tmp|var)?$|^A /(etc/mtab|run/(\.containerenv|secrets)|dev/.*|proc|sys)$' || true)
    [ -z "$left" ] || { echo "$left" && return 1; }
    [ -z "$(podman container inspect "$container" | jq -r '.[0].Mounts[]')" ]
}

[ "$(id -u)" = 0 ] || { echo "needs root: sudo $0" >&2 && exit 1; }
for program in buildah podman runc debootstrap curl jq; do
    command -v $program >/dev/null || { echo "needs $program" >&2 && exit 1; }
done
scratch=$(mktemp -d /var/tmp/yanling-container-XXXXXX)
trap 'podman rm --force "$container" &>/dev/null || true; rm -rf "$scratch"' EXIT
podman image exists $base || make_base "$@"
build
.venv/bin/python -c 'import sys
from PIL import Image
from skimage import data
Image.fromarray(data.astronaut()).save(sys.argv[1])' "$scratch/astronaut.png"
check "size, at most 450 MB" size
check "labels" labels
began=$EPOCHREALTIME
podman "${run[@]}" $image >/dev/null
clients=$(podman port "$container" 8080) metrics=$(podman port "$container" 9145)
check "ready" ready
check "the README's answer" portrait
check "HEALTHCHECK" podman healthcheck run "$container"
check "/metrics for Prometheus" status 200 "http://$metrics/metrics"
check "/metrics not for clients" status 404 "http://$clients/metrics"
check "not root, no capability" not_root
check "nothing to write but memory" read_only
check "only the locked wheels" wheels
check "bill of materials" parts
check "memory before" memory
check "large and dear photos" dear_photos
check "memory after" memory
check "SIGTERM" stop
check "nothing left" nothing_left
exit $failed
