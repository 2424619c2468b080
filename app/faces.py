"""`POST /v1/faces`, for new clients: a form field or an image body in, a JSON object out."""

from flask import Blueprint, Response, current_app, g, jsonify, request
from werkzeug.exceptions import BadRequest

from app import keys, metrics, request_photo, wire
from model.budget import Budget
from model.photo import PhotoError

bp = Blueprint("faces", __name__, url_prefix="/v1")
bp.before_request(keys.check)


@bp.post("/faces")
def faces() -> Response:
    distribution, budget = wants_distribution(), Budget(current_app.config["MAX_FACES"])
    if request.mimetype == "multipart/form-data":
        photo = request_photo.from_form()
    elif request.mimetype.startswith("image/"):
        photo = request_photo.from_body()
    else:
        raise PhotoError(
            "unsupported_type", "Send multipart/form-data with a field 'file', or an image/* body."
        )
    estimator = current_app.extensions["estimator"]
    found = estimator.estimate(photo, budget)
    metrics.count(found, budget.not_judged)
    answer = wire.faces_answer(
        photo, found, budget.not_judged, estimator.facts, g.request_id, distribution
    )
    return jsonify(answer)


def wants_distribution() -> bool:
    """`?distribution=1` asks for the probability of every age. Raises BadRequest for any value
    but 0 and 1."""
    value = request.args.get("distribution", "0")
    if value not in ("0", "1"):
        raise BadRequest("distribution must be 0 or 1.")
    return value == "1"
