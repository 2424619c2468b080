"""`POST /v1/batch`: several photos in one form, a result for each in their order."""

from contextlib import ExitStack
from typing import IO

from flask import Blueprint, Response, current_app, g, jsonify

from app import keys, metrics, options, request_photo, wire
from app.options import Options
from app.problems import document
from model.budget import SharedBudget
from model.photo import PhotoError

bp = Blueprint("batch", __name__, url_prefix="/v1")
bp.before_request(keys.check)


@bp.post("/batch")
def batch() -> Response:
    wanted = options.from_query()
    shared = SharedBudget(current_app.config["MAX_FACES"])
    with ExitStack() as open_files:
        files = request_photo.files_from_form(open_files)
        results = [_result(file, wanted, shared) for file in files]
    facts = current_app.extensions["estimator"].facts
    return jsonify(results=results, model=wire.model(facts), request_id=g.request_id)


def _result(file: IO[bytes], wanted: Options, shared: SharedBudget) -> dict:
    """The answer for one photo, or the problem that it has."""
    budget = shared.for_next(wanted.max_faces)
    if budget is None:
        text = "The photos before it took what one request may cost. Send this one again."
        return {"problem": document("budget_spent", text)}
    try:
        photo = request_photo.decoded(file)
    except PhotoError as error:
        return {"problem": document(error.code, str(error))}
    found = current_app.extensions["estimator"].estimate(photo, budget, wanted.min_size)
    shared.spend(photo.width * photo.height, len(found), budget)
    metrics.count(found, budget.not_judged)
    return wire.photo_result(photo, found, budget.not_judged, wanted.distribution)
