"""The web page at `/`, and the machine-readable contract."""

from flask import Blueprint, Response, current_app, render_template

from model.photo import MAX_BYTES

bp = Blueprint("page", __name__)

# nothing from other sites; blob: shows the photo without sending it anywhere
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; manifest-src 'self'; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
PERMISSIONS = "camera=(self), microphone=(), geolocation=()"


@bp.get("/")
def index() -> Response:
    error = mean_error(current_app.extensions["estimator"].facts)
    text = render_template("index.html", error=error, max_bytes=MAX_BYTES)
    answer = current_app.make_response(text)
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Permissions-Policy"] = PERMISSIONS
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@bp.get("/openapi.json")
def openapi() -> Response:
    return current_app.send_static_file("openapi.json")


def mean_error(facts: dict) -> tuple[float, int] | None:
    """The weights' mean absolute error in years, and the number of validation faces it was measured
    on; None when model.json does not give them."""
    sets = [figures["all"] for figures in facts.get("validation", {}).values()]
    exact = [(figures["mae"], figures["n"]) for figures in sets if "mae" in figures]
    faces = sum(n for _, n in exact)
    return (sum(mae * n for mae, n in exact) / faces, faces) if faces else None
