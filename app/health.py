"""`/healthz` and `/readyz`: both cheap; the self-test ran once, when the model was loaded."""

from flask import Blueprint, Response, current_app, jsonify

from app import clock
from model.engine import FILES

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def healthz() -> Response:
    return jsonify(status="alive")


@bp.get("/readyz")
def readyz() -> Response:
    """A process that answers has loaded the model: without it, it refuses to start."""
    clock.reload_if_set()
    facts, engine = current_app.extensions["estimator"].facts, current_app.config["ENGINE"]
    return jsonify(
        status="ready",
        name=facts["name"],
        version=facts["version"],
        engine=engine,
        weights_sha256=facts["sha256"][FILES[engine]],
    )
