"""`POST /employees`, where the first relay sent `{"pic": "https://…"}`: answered as `/upload` is.

Without YANLING_FETCH_FROM there is no such address.
"""

from flask import Blueprint, Response, current_app
from werkzeug.exceptions import NotFound

from app import request_photo, upload
from model.budget import Budget

bp = Blueprint("employees", __name__)


@bp.post("/employees")
def employees() -> Response:
    if not current_app.config["FETCH_FROM"]:
        raise NotFound
    budget = Budget(current_app.config["MAX_FACES"])
    return upload.answer(request_photo.from_json("pic"), budget)
