"""What the service and the model say: JSON, an object a line, with the request's id where there is
one. uWSGI writes the line of each request itself, see uwsgi.ini; `note` adds to it."""

import json
import logging
import traceback
from datetime import datetime

from flask import g, has_request_context

try:
    import uwsgi
except ImportError:  # any other WSGI server, such as Flask's own
    uwsgi = None

LOGGERS = ("app", "model")


class Line(logging.Formatter):
    """`fields` of a record, where it has any, become members of the object."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": now(),
            "request_id": g.get("request_id") if has_request_context() else None,
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and (error := record.exc_info[1]):
            # where and what, but not the message: it may quote what the client sent
            line["error"] = type(error).__name__
            line["traceback"] = "".join(traceback.format_tb(error.__traceback__))
        return json.dumps(line, separators=(",", ":"))


def configure() -> None:
    """For the whole process, so for whoever runs the service, not for the tests of its parts."""
    handler = logging.StreamHandler()
    handler.setFormatter(Line())
    logging.getLogger().addHandler(handler)
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.INFO)
    logging.captureWarnings(True)


def now() -> str:
    """As nginx writes it."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def note(name: str, value: str) -> None:
    """Something for uWSGI's line about this request."""
    if uwsgi:
        uwsgi.set_logvar(name, value)
