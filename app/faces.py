"""`POST /v1/faces`: for new clients; always an object, photos as a form field or as the body."""

from flask import Blueprint, Response, current_app, g, jsonify, request
from werkzeug.exceptions import BadRequest

from app import intake, keys, metrics, wire
from model.photo import PhotoError

bp = Blueprint("faces", __name__, url_prefix="/v1")
bp.before_request(keys.check)


@bp.post("/faces")
def faces() -> Response:
    distribution = wants_distribution()
    if request.mimetype == "multipart/form-data":
        photo = intake.photo_of_form()
    elif request.mimetype.startswith("image/"):
        photo = intake.photo_of_body()
    else:
        raise PhotoError(
            "unsupported_type", "Send multipart/form-data with a field 'file', or an image/* body."
        )
    estimator = current_app.extensions["estimator"]
    found = metrics.count(estimator.estimate(photo))
    return jsonify(wire.faces_answer(photo, found, estimator.facts, g.request_id, distribution))


def wants_distribution() -> bool:
    """`?distribution=1` asks for every age's probability. Raises BadRequest for other words."""
    wanted = request.args.get("distribution", "0")
    if wanted not in ("0", "1"):
        raise BadRequest("distribution must be 0 or 1.")
    return wanted == "1"
