"""`/upload`: the frozen contract of the mini-programs that are already deployed."""

from flask import Blueprint, Response, current_app, jsonify

from app import forms, metrics, request_photo, wire
from model.budget import Budget
from model.photo import Photo

bp = Blueprint("upload", __name__)

NO_FACE = "-1"  # deployed clients compare this text
USAGE = """\
颜龄：用 multipart/form-data 的 file 字段提交一张人像照片，返回年龄和性别；没有人脸时返回 -1。
Yanling: send a portrait as multipart/form-data in the field "file" to get its age and gender, or
-1 when it shows no face.

    curl -F file=@photo.jpg <this address>
"""


@bp.get("/upload")
def usage() -> Response:
    return Response(USAGE, mimetype="text/plain")


@bp.post("/upload")
def upload() -> Response:
    budget = Budget(current_app.config["MAX_FACES"])
    return answer(request_photo.from_form(forms.first_file), budget)


def answer(photo: Photo, budget: Budget) -> Response:
    """The faces of a photo, in the frozen form."""
    faces = current_app.extensions["estimator"].estimate(photo, budget)
    metrics.count(faces, budget.not_judged)
    if not faces:
        return Response(NO_FACE, mimetype="text/plain")
    return jsonify(wire.upload_answer(faces, budget.not_judged))
