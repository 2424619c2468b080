"""`/healthz` and `/readyz`. Both are cheap: the self-test runs once, when the model is loaded."""

from flask import Blueprint, Response, current_app, jsonify

from app import clock
from model.engine import FILES

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def healthz() -> Response:
    return jsonify(status="alive")


@bp.get("/readyz")
def ready_and_reload_uwsgi_if_clock_was_set() -> Response:
    """A process that answers is ready: it does not start without the model. Supervisor's health
    check calls this regularly, so a set clock is noticed here."""
    clock.reload_uwsgi_if_set()
    facts, engine = current_app.extensions["estimator"].facts, current_app.config["ENGINE"]
    return jsonify(
        status="ready",
        name=facts["name"],
        version=facts["version"],
        engine=engine,
        weights_sha256=facts["sha256"][FILES[engine]],
    )
