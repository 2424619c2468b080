#!/bin/sh
# Reload, but never onto what would not start. uWSGI's master runs this when RUN/reload is
# touched: with the service's user, settings and log, but still from the old release's folder.
cd "$(dirname "$0")/.." || exit
unset PROMETHEUS_MULTIPROC_DIR  # this process is not to be counted
unset UWSGI_RELOADS             # nor is it the master again

starts() {
    .venv/bin/python -c 'import app.wsgi' || return
    said=$(.venv/bin/uwsgi --ini uwsgi.ini --lazy-apps --no-server 2>&1) && return
    echo "$said" | tail -n 1
    false
}

if starts; then
    kill -HUP "$PPID"
else
    echo "NOT reloaded, the line above says why; the service goes on as it was"
fi
