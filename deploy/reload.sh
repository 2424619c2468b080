#!/bin/sh
# Reload, but never onto what would not start. uWSGI's master runs this when RUN/reload is
# touched: with the service's user, settings and log.
unset PROMETHEUS_MULTIPROC_DIR  # this process is not to be counted
if .venv/bin/python -c 'import app.wsgi'; then
    kill -HUP "$PPID"
else
    echo "NOT reloaded, the line above says why; the service goes on as it was"
fi
