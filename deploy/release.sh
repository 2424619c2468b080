# Part of install.sh: builds and activates releases. Each release is a folder in releases/ with its
# own .venv, named by a hash of its content. The link ROOT (/opt/yanling/current) points to the one
# that runs.

KEPT=3           # how many releases that ran are kept
START_SECONDS=90 # running requests may take 40 of them
WRONG_NAME_SECONDS=10

# A tar of the files that a host needs: no tests, no training.
pack() (
    cd "$source" && tar -ch --sort=name --owner=0 --group=0 --mode=u+rwX,go=rX \
        --exclude=__pycache__ --exclude=deploy/testing "$@" \
        app model deploy requirements* Makefile uwsgi.ini LICENSE
)

# Makes a release of the checkout, unless there is one with the same content.
build_release() {
    local id
    id=$( (python3 -V && pack --mtime=@0) | sha256sum | cut -c 1-12)
    release=$releases/$id
    [ ! -e "$release/.venv/serving" ] || return 0
    say "release $id: installing its Python packages, about a minute"
    rm -rf "$release"
    mkdir -p "$release"
    pack | tar -x -C "$release"
    make -s -C "$release" .venv/serving || die "the Python packages could not be installed, see above; nothing was changed"
}

# Releases that ran, the latest first.
ran() { ls -1td "$releases"/*/ran 2>/dev/null | sed "s|/ran$||"; }

find_previous() {
    release=$(ran | grep -vxF "$before" | sed -n 1p || true)
    [ -n "$release" ] || die "there is no release that ran before this one"
}

prune() {
    local folder kept
    kept=$(ran | sed -n "1,${KEPT}p")
    for folder in "$releases"/*; do
        grep -qxF "$folder" <<<"$kept" || rm -rf "$folder"
    done
}

# Makes $release the one that serves. Fails, and says why, if it does not start or answer. Whatever
# can be tried before the switch is tried before.
activate() {
    local filled failed=0
    filled=$(mktemp -d)
    python3 "$release/deploy/render.py" "$settings" "$filled" && place_run && place_nginx &&
        ln -sfn "releases/${release##*/}" "$link.new" && mv -T "$link.new" "$link" &&
        reload && reload_nginx && place_supervisor && answers || failed=1
    rm -r "$filled"
    return $failed
}

# Returns to the release and the settings that served before.
put_back() {
    local refused="release ${release##*/}"
    [ -n "$before" ] || die "the release does not run, see above"
    if [ "$before" = "$release" ]; then
        [ -e "$settings~" ] || die "the release does not run, see above"
        refused="the changed settings are"
    fi
    release=$before
    [ ! -e "$settings~" ] || settings=$settings~
    get_certificate # a self-signed one may be for another name by now
    activate || die "$refused refused, see above, but ${before##*/} does not run any more either"
    die "$refused refused, see above; ${before##*/} serves on"
}

web() { nginx -q -c "$etc/nginx/nginx.conf" "$@"; }
control() { supervisorctl -c "$etc/supervisor/supervisord.conf" "$@"; }

# The release that uWSGI's master has loaded; nothing when it is down, and / (where supervisor starts
# it) when it has only just started, reloads, or is refused and started again and again.
running() { readlink -e "/proc/$(control pid yanling)/cwd" || true; }

# uWSGI tries the release that the link points to, and switches to it only if it starts (reload.sh).
reload() {
    local log size now new deadline=$((SECONDS + START_SECONDS))
    while [[ $(control status yanling) == *STARTING* ]]; do sleep 0.2; done
    for _ in {1..25}; do # a master that reloads is in / for a moment, too
        now=$(running)
        [ "$now" = / ] || break
        sleep 0.2
    done
    [ "$now" != "$release" ] || return 0
    if [ -z "$now" ] || [ "$now" = / ]; then
        control restart yanling >/dev/null || true
        return 0
    fi
    say "reload, from release ${now##*/} to ${release##*/}"
    log=$(value UWSGI_LOGS)/yanling.log
    size=$(stat -c %s "$log")
    # by its name, which follows no link
    mv -T "$(mktemp "$(value RUN)/reload-XXXXXX")" "$(value RUN)/reload"
    until [ "$(running)" = "$release" ]; do
        new=$(tail -c +$((size + 1)) "$log" | grep -v "^{") # without the JSON lines of requests
        if [ $SECONDS -ge $deadline ] || [[ $new == *"NOT reloaded"* ]]; then
            tail -n 5 <<<"$new" >&2
            return 1
        fi
        sleep 0.2
    done
    # supervisor starts them again, from the new release
    control signal TERM yanling-health yanling-refusals >/dev/null
}

place_nginx() {
    local file folder=$etc/nginx/conf.d
    [ -e "$folder/yanling.conf" ] || rm -f "$etc/nginx/sites-enabled/default"
    placed=()
    for file in "$filled"/nginx/yanling*.conf; do
        ! put "$file" "$folder" || placed+=("$folder/${file##*/}")
    done
    if ! web -t; then
        for file in "${placed[@]}"; do undo_put "$file"; done
        return 1
    fi
}

reload_nginx() {
    [ ${#placed[@]} -gt 0 ] || return 0
    say "nginx: new configuration"
    web -s reload
}

# Restarts the programs whose configuration has changed, and no others.
place_supervisor() {
    put "$filled/supervisor/yanling.conf" "$etc/supervisor/conf.d" || return 0
    say "supervisor: new configuration"
    control update yanling yanling-refusals yanling-health yanling-certificate >/dev/null
}

# Asks as a client does, over TLS and by name.
answers() {
    local reply begin=$SECONDS deadline=$((SECONDS + START_SECONDS))
    until reply=$(ask /readyz -w " %{http_code}" 2>&1); do
        # nginx's old processes may answer for another moment, but not for long
        [[ $reply != *" 421" ]] || deadline=$((begin + WRONG_NAME_SECONDS))
        if [ $SECONDS -ge $deadline ] || [[ $(control status yanling) =~ BACKOFF|FATAL|EXITED ]]; then
            tail -n 5 "$(value UWSGI_LOGS)/yanling.log" >&2
            echo "$reply" >&2
            return 1
        fi
        sleep 0.2
    done
    reply=$(picture | ask /upload -F "file=@-;type=image/jpeg" -w "%{http_code}") && return
    [[ $reply == *404 ]] && return # the operator has closed /upload
    echo "$reply" >&2
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
