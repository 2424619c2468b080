"""Logs of the service and the model: one JSON object per line, with the id of the request if there
is one. uWSGI writes the access line of each request itself (uwsgi.ini); `note` adds to it."""

import json
import logging
import traceback
from datetime import datetime

from flask import g, has_request_context

from app.server import uwsgi

LOGGERS = ("app", "model")


class JSONFormatter(logging.Formatter):
    """A record's `fields`, if it has any, become members of the object."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": now(),
            "request_id": g.get("request_id") if has_request_context() else None,
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if has_request_context() and "trace_id" in g:
            line["trace_id"] = g.trace_id
        if record.exc_info and (error := record.exc_info[1]):
            # the type and the place, but not the message: it may quote what the client sent
            line["error"] = type(error).__name__
            line["traceback"] = "".join(traceback.format_tb(error.__traceback__))
        return json.dumps(line, separators=(",", ":"))


def configure() -> None:
    """Configure logging of the whole process; only a server calls this, not create_app."""
    handler = logging.StreamHandler()
    handler.setFormatter(JSONFormatter())
    logging.getLogger().addHandler(handler)
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.INFO)
    logging.captureWarnings(True)


def now() -> str:
    """The local time in the format of nginx's log."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def note(name: str, value: str) -> None:
    """Add a field to uWSGI's access line of this request."""
    if uwsgi:
        uwsgi.set_logvar(name, value)
