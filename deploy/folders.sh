# Part of install.sh: the folders of the settings. Photos must stay in memory, and the service's user
# must not be able to lead root elsewhere by a link.

# The value of a setting with the names in it filled.
path() {
    local value
    value=$(value "$1")
    echo "${value//@RUN@/$(value RUN)}"
}

check_folders() {
    local setting folder kind
    for setting in RUN SPOOL BODIES; do
        folder=$(path $setting)
        until [ -e "$folder" ]; do folder=$(dirname "$folder"); done
        kind=$(stat -f -c %T "$folder")
        case $kind in tmpfs | ramfs) continue ;; esac
        die "$setting=$(path $setting) is on a disk ($kind), which would keep photos: choose a folder" \
            "in memory, or mount a tmpfs there"
    done
}

# Root makes, opens or owns these; whoever can change a folder above one could exchange it for a link.
check_owners() {
    local folder run user
    run=$(value RUN) user=$(value USER)
    for folder in "$(value ROOT)" "$run" "$(path BODIES)" "$(value NGINX_LOGS)/file" \
        "$(value UWSGI_LOGS)/file" "$(value CERTIFICATE)" "$(value CERTIFICATE_KEY)" "$(value RELAYS)"; do
        until [ "$folder" = / ]; do
            folder=$(dirname "$folder")
            # place_run makes RUN root's
            [ "$folder" != "$run" ] || continue
            # shellcheck disable=SC2016 # $0 is for the inner shell
            ! runuser -u "$user" -- sh -c '[ -w "$0" ] || [ -O "$0" ]' "$folder" ||
                die "$folder can be changed by the user $user, who could lead root to any file by a" \
                    "link there: make it root's, or choose another folder in $settings"
        done
    done
}

# Makes RUN and the service's folder in it, as the release wants them.
place_run() {
    local run
    run=$(value RUN)
    if [ "$etc" != /etc ]; then
        mkdir -p "$run/service"
        return
    fi
    put "$filled/tmpfiles.d/yanling.conf" "$etc/tmpfiles.d" || true
    # RUN was the service's own in earlier releases: no link that it left there must lead root elsewhere
    if [ -d "$run" ]; then
        chown -h root "$run"
        find "$run" -maxdepth 1 -type l -delete
    fi
    systemd-tmpfiles --create yanling.conf
}
