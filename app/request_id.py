"""One id a request: in the reply, in every problem document and in every log line."""

import re
import uuid

from flask import Flask, Response, g, request

try:
    import uwsgi
except ImportError:  # any other WSGI server, such as Flask's own
    uwsgi = None

HEADER = "X-Request-ID"
VALID = re.compile(r"[A-Za-z0-9-]{8,64}")


def register(app: Flask) -> None:
    @app.before_request
    def choose() -> None:
        given = request.headers.get(HEADER, "")
        g.request_id = given if VALID.fullmatch(given) else uuid.uuid4().hex
        if uwsgi:
            uwsgi.set_logvar("request_id", g.request_id)

    @app.after_request
    def tell(answer: Response) -> Response:
        answer.headers[HEADER] = g.request_id
        return answer
