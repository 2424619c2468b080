"""The try-it page at `/`, and the machine-readable contract at `/openapi.json`."""

from flask import Blueprint, Response, current_app, render_template

bp = Blueprint("page", __name__)

# the page needs nothing from elsewhere; blob: is the chosen photo, shown without sending it
POLICY = "default-src 'self'; img-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'"


@bp.get("/")
def index() -> Response:
    answer = current_app.make_response(render_template("index.html"))
    answer.headers["Content-Security-Policy"] = POLICY
    return answer


@bp.get("/openapi.json")
def openapi() -> Response:
    return current_app.send_static_file("openapi.json")
