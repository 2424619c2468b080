"""One id per request: in the reply, in every problem document and in every log line. If the caller
traces its requests, the trace's id is in the log lines, too."""

import re
import uuid

from flask import Flask, Response, g, request

from app import logs

HEADER = "X-Request-ID"
VALID = re.compile(r"[A-Za-z0-9-]{8,64}")
# W3C Trace Context, version 00: trace id, parent's id, flags; as in deploy/nginx/yanling.conf
TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def register(app: Flask) -> None:
    """Take the client's id if it is valid, else make one; return it in a header."""

    @app.before_request
    def choose() -> None:
        given = request.headers.get(HEADER, "")
        g.request_id = given if VALID.fullmatch(given) else uuid.uuid4().hex
        logs.note("request_id", g.request_id)
        if trace := TRACEPARENT.fullmatch(request.headers.get("traceparent", "")):
            g.trace_id = trace[1]
            logs.note("trace_id", g.trace_id)

    @app.after_request
    def add_header(answer: Response) -> Response:
        answer.headers[HEADER] = g.request_id
        logs.note("at", logs.now())
        return answer
