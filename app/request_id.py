"""One id per request: in the reply, in every problem document and in every log line."""

import re
import uuid

from flask import Flask, Response, g, request

from app import logs

HEADER = "X-Request-ID"
VALID = re.compile(r"[A-Za-z0-9-]{8,64}")


def register(app: Flask) -> None:
    """Take the client's id if it is valid, else make one; return it in a header."""

    @app.before_request
    def choose() -> None:
        given = request.headers.get(HEADER, "")
        g.request_id = given if VALID.fullmatch(given) else uuid.uuid4().hex
        logs.note("request_id", g.request_id)

    @app.after_request
    def add_header(answer: Response) -> Response:
        answer.headers[HEADER] = g.request_id
        logs.note("at", logs.now())
        return answer
