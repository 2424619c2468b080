#!/bin/sh
# Reloads the service, but only if the new code starts. uWSGI's master runs this when RUN/reload is
# touched, with the service's user, settings and log, but in the old release's folder.
cd "$(dirname "$0")/.." || exit
unset PROMETHEUS_MULTIPROC_DIR  # the trial must not write into the service's metrics
unset UWSGI_RELOADS             # the trial is not a reloaded master

starts() {
    .venv/bin/python -c 'import app.wsgi' || return
    output=$(.venv/bin/uwsgi --ini uwsgi.ini --lazy-apps --no-server 2>&1) && return
    echo "$output" | tail -n 1
    false
}

if starts; then
    kill -HUP "$PPID"
else
    echo "NOT reloaded, for the reason in the line above; the service runs on unchanged"
fi
