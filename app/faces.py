"""`POST /v1/faces`, for new clients: one photo in; a JSON object out, or the photo with its faces
marked."""

from flask import Blueprint, Response, current_app, g, jsonify, request

from app import keys, marked, metrics, options, request_photo, wire
from model.budget import Budget

bp = Blueprint("faces", __name__, url_prefix="/v1")
bp.before_request(keys.check)


@bp.post("/faces")
def faces() -> Response:
    wanted, picture = options.from_query(), wants_picture()
    budget = Budget(min(wanted.max_faces, current_app.config["MAX_FACES"]))
    photo = request_photo.from_request()
    estimator = current_app.extensions["estimator"]
    found = estimator.estimate(photo, budget, wanted.min_size)
    metrics.count(found, budget.not_judged)
    if picture:
        return Response(marked.jpeg(photo, found), mimetype=marked.TYPE)
    answer = wire.faces_answer(
        photo, found, budget.not_judged, estimator.facts, g.request_id, wanted.distribution
    )
    return jsonify(answer)


def wants_picture() -> bool:
    """Whether the client prefers a JPEG to JSON, which whoever does not say gets."""
    return request.accept_mimetypes.best_match(["application/json", marked.TYPE]) == marked.TYPE
