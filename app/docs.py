"""The page at `/docs`: the contract to read and to try, drawn from /openapi.json in the browser."""

from flask import Blueprint, Response, current_app, render_template

from app.page import POLICY

bp = Blueprint("docs", __name__)


@bp.get("/docs")
def docs() -> Response:
    answer = current_app.make_response(render_template("docs.html"))
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
