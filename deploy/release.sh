# Part of install.sh: releases side by side. Each is a folder of its own in releases/, named after
# its content, with its own .venv; the link (ROOT, /opt/yanling/current) leads to the one that runs.

KEPT=3           # releases that ran
START_SECONDS=90 # running requests are given 40 of them

# What serves, as tar: no tests, no training.
pack() (
    cd "$source" && tar -ch --sort=name --owner=0 --group=0 --mode=u+rwX,go=rX \
        --exclude=__pycache__ "$@" app model deploy requirements* Makefile uwsgi.ini LICENSE
)

# The checkout as a release, unless it is one already.
build_release() {
    local id
    id=$( (python3 -V && pack --mtime=@0) | sha256sum | cut -c 1-12)
    release=$releases/$id
    [ ! -e "$release/.venv/serving" ] || return 0
    say "release $id: its Python packages, a minute or so"
    rm -rf "$release"
    mkdir -p "$release"
    pack | tar -x -C "$release"
    make -s -C "$release" .venv/serving || die "no Python packages, see above; nothing was changed"
}

# Releases that ran, the latest first.
ran() { ls -1td "$releases"/*/ran 2>/dev/null | sed "s|/ran$||"; }

find_previous() {
    release=$(ran | grep -vxF "$before" | sed -n 1p || true)
    [ -n "$release" ] || die "there is no release that ran before"
}

prune() {
    local folder kept
    kept=$(ran | sed -n "1,${KEPT}p")
    for folder in "$releases"/*; do
        grep -qxF "$folder" <<<"$kept" || rm -rf "$folder"
    done
}

# Have $release serve; fails, and says why, when it does not. What can be tried beforehand, is.
activate() {
    local filled failed=0
    filled=$(mktemp -d)
    python3 "$release/deploy/render.py" "$settings" "$filled" && place_nginx &&
        ln -sfn "releases/${release##*/}" "$link.new" && mv -T "$link.new" "$link" &&
        reload && tell_nginx && place_supervisor && answers || failed=1
    rm -r "$filled"
    return $failed
}

put_back() {
    local refused=$release
    case $before in "" | "$release") die "it does not run; see above" ;; esac
    release=$before
    activate || die "release ${refused##*/} does not run, see above, nor does ${before##*/} any more"
    die "release ${refused##*/} refused, see above; ${before##*/} serves on"
}

web() { nginx -q -c "$etc/nginx/nginx.conf" "$@"; }
control() { supervisorctl -c "$etc/supervisor/supervisord.conf" "$@"; }

# The release that uWSGI's master has loaded; nothing when it is down.
running() { readlink -e "/proc/$(control pid yanling)/cwd" || true; }

# uWSGI tries what the link leads to, and only then goes over to it (reload.sh).
reload() {
    local log size now said deadline=$((SECONDS + START_SECONDS))
    while [[ $(control status yanling) == *STARTING* ]]; do sleep 0.2; done
    now=$(running)
    [ "$now" != "$release" ] || return 0
    if [ -z "$now" ]; then
        control restart yanling >/dev/null || true
        return 0
    fi
    say "reload, from release ${now##*/} to ${release##*/}"
    log=$(value UWSGI_LOGS)/yanling.log
    size=$(stat -c %s "$log")
    touch "$(value RUN)/reload"
    until [ "$(running)" = "$release" ]; do
        said=$(tail -c +$((size + 1)) "$log" | grep -v "^{") # but for the lines of requests
        if [ $SECONDS -ge $deadline ] || [[ $said == *"NOT reloaded"* ]]; then
            tail -n 5 <<<"$said" >&2
            return 1
        fi
        sleep 0.2
    done
    control signal TERM yanling-health >/dev/null # starts again, from the new release
}

place_nginx() {
    local file folder=$etc/nginx/conf.d
    [ -e "$folder/yanling.conf" ] || rm -f "$etc/nginx/sites-enabled/default"
    placed=()
    for file in "$filled"/nginx/yanling*.conf; do
        ! put "$file" "$folder" || placed+=("$folder/${file##*/}")
    done
    if ! web -t; then
        for file in "${placed[@]}"; do take_back "$file"; done
        return 1
    fi
}

tell_nginx() {
    [ ${#placed[@]} -gt 0 ] || return 0
    say "nginx: new configuration"
    web -s reload
}

# Restarts what is started in another way than before; others are not touched.
place_supervisor() {
    put "$filled/supervisor/yanling.conf" "$etc/supervisor/conf.d" || return 0
    say "supervisor: new configuration"
    control update yanling yanling-health >/dev/null
}

# Asks as a client would, through TLS and by name.
answers() {
    local said deadline=$((SECONDS + START_SECONDS))
    until said=$(ask /readyz 2>&1); do
        if [ $SECONDS -ge $deadline ] || [[ $(control status yanling) =~ BACKOFF|FATAL ]]; then
            tail -n 5 "$(value UWSGI_LOGS)/yanling.log" >&2
            echo "$said" >&2
            return 1
        fi
        sleep 0.2
    done
    said=$(picture | ask /upload -F "file=@-;type=image/jpeg" -w "%{http_code}") && return
    [[ $said == *404 ]] && return # closed by the operator
    echo "$said" >&2
    false
}

picture() {
    "$release/.venv/bin/python" -c 'if True:
        import sys
        from PIL import Image
        Image.radial_gradient("L").save(sys.stdout.buffer, "JPEG")'
}

ask() {
    local path=$1 listen address port
    shift
    listen=$(value HTTPS_LISTEN)
    listen=${listen%% *} port=${listen##*:}
    address=${listen%"$port"} address=${address%:}
    case $address in "" | "*" | 0.0.0.0 | "[::]") address=127.0.0.1 ;; esac
    curl -sS --fail-with-body -m 60 --noproxy "*" --cacert "$(value CERTIFICATE)" \
        --resolve "$(value SERVER_NAME):$port:$address" "$@" "https://$(value SERVER_NAME):$port$path"
}
