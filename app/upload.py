"""`/upload`: the contract that mini-programs already in people's phones speak. Frozen."""

from flask import Blueprint, Response, current_app, jsonify

from app import intake, metrics, wire

bp = Blueprint("upload", __name__)

NO_FACE = "-1"  # old clients compare the text
USAGE = """\
颜龄：用 multipart/form-data 的 file 字段提交一张人像照片，返回年龄和性别；没有人脸时返回 -1。
Yanling: send a portrait as multipart/form-data in the field "file" and get age and gender;
-1 when there is no face in it.

    curl -F file=@photo.jpg <this address>
"""


@bp.get("/upload")
def usage() -> Response:
    return Response(USAGE, mimetype="text/plain")


@bp.post("/upload")
def upload() -> Response:
    faces = metrics.count(current_app.extensions["estimator"].estimate(intake.photo_of_form()))
    if not faces:
        return Response(NO_FACE, mimetype="text/plain")
    return jsonify(wire.upload_answer(faces))
