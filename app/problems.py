"""Errors as RFC 9457 problem documents, each with a stable `code`."""

import errno
import traceback

from flask import Flask, Response, g, json, request
from werkzeug.exceptions import ClientDisconnected, HTTPException, RequestEntityTooLarge
from werkzeug.http import HTTP_STATUS_CODES

from app.forms import MAX_PARTS
from model.photo import MAX_BYTES, PhotoError

STATUS = {
    "missing_file": 400,
    "several_files": 400,
    "empty_file": 400,
    "unsupported_type": 415,
    "bad_image": 422,
    "too_large": 413,
    "budget_spent": 413,
    "too_many_pixels": 422,
    "url_refused": 403,
    "url_failed": 422,
    "bad_request": 400,
    "unauthorized": 401,
    "not_found": 404,
    "method_not_allowed": 405,
    "rate_limited": 429,
    "busy": 503,
    "internal": 500,
}
CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed"}


def problem(code: str, detail: str, status: int | None = None) -> Response:
    """The answer to a failed request; `code` is one of `STATUS`, which gives the default status."""
    body = document(code, detail, status)
    g.problem_code = code
    return Response(json.dumps(body), body["status"], mimetype="application/problem+json")


def document(code: str, detail: str, status: int | None = None) -> dict:
    """The problem as a JSON object."""
    status = status or STATUS[code]
    return {
        "type": f"urn:yanling:problem:{code}",
        "title": HTTP_STATUS_CODES[status],
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": g.get("request_id"),
    }


def register(app: Flask) -> None:
    """Answer every error with a problem document."""

    @app.errorhandler(PhotoError)
    def refused_photo(error: PhotoError) -> Response:
        return problem(error.code, str(error))

    @app.errorhandler(HTTPException)
    def refused_request(error: HTTPException) -> Response:
        status = error.code or 500
        code = CODES.get(status, "bad_request" if status < 500 else "internal")
        answer = problem(code, error.description or error.name, status)
        if allowed := getattr(error, "valid_methods", None):
            answer.headers["Allow"] = ", ".join(sorted(allowed))
        return answer

    @app.errorhandler(RequestEntityTooLarge)
    def too_large(_error: RequestEntityTooLarge) -> Response:
        photo = f"The photo is larger than {MAX_BYTES // 2**20} MB."
        form = f"The form has more than {MAX_PARTS} parts, or a part with a long head."
        hint = "Send the photo as a file, with a file name."
        length, limit = request.content_length, app.config["MAX_CONTENT_LENGTH"]
        if length is None:
            return problem("too_large", f"{photo} Or: {form} {hint}")
        return problem("too_large", photo if length > limit else f"{form} {hint}")

    @app.errorhandler(ClientDisconnected)
    def broken_off(_error: ClientDisconnected) -> Response:
        return problem("bad_request", "The body is shorter than its Content-Length says.")

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        # the type and the place, but not the message: it may quote what the client sent
        frames = "".join(traceback.format_tb(error.__traceback__))
        name = type(error).__name__
        app.logger.error("request %s failed: %s\n%s", g.get("request_id"), name, frames)
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            answer = problem("busy", "The server has no room for the photo now; try again soon.")
            answer.headers["Retry-After"] = "5"
            return answer
        return problem("internal", "Something went wrong on our side.")
