"""Bad input: each its documented answer, and nothing left in the spool (see `client`)."""

import errno

import numpy as np
import pytest
from PIL import Image

from app.problems import STATUS
from tests.conftest import encode
from tests.model.test_photo import png

MB = 1024 * 1024


def check(reply, code):
    assert reply.mimetype == "application/problem+json"
    body = reply.json
    assert body["code"] == code
    assert body["status"] == reply.status_code
    assert body["request_id"] == reply.headers["X-Request-ID"]
    assert body["type"] == f"urn:yanling:problem:{code}"
    assert body["title"]
    assert body["detail"]


@pytest.mark.parametrize("path", ["/upload", "/v1/faces"])
@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 400, "empty_file"),
        (b"I am a text named .jpg", 415, "unsupported_type"),
        (png(40_000, 40_000), 422, "too_many_pixels"),
        (png(0, 0), 422, "bad_image"),
        (b"\xff\xd8" + b"\0" * (10 * MB), 413, "too_large"),
        (b"\xff\xd8" + b"\0" * (11 * MB), 413, "too_large"),
    ],
    ids=["empty", "text", "bomb", "0x0", "just over 10 MB", "11 MB"],
)
def test_bad_photos(post, path, data, status, code):
    reply = post(data, path)
    assert reply.status_code == status
    check(reply, code)


def test_a_truncated_jpeg(post, portrait):
    reply = post(portrait[: len(portrait) // 2])
    assert reply.status_code == 422
    check(reply, "bad_image")


@pytest.mark.parametrize(
    "data",
    [
        encode(Image.new("CMYK", (64, 64))),
        encode(np.zeros((64, 64), np.uint16), "PNG"),
        encode(Image.new("L", (64, 64))),
        encode(Image.new("P", (64, 64)), "GIF"),
        encode(Image.new("RGB", (1, 1)), "BMP"),
    ],
    ids=["CMYK", "16 bit", "grey", "GIF", "1x1"],
)
def test_unusual_photos_are_photos(post, data):
    reply = post(data)
    assert (reply.status_code, reply.text) == (200, "-1")


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"data": {"file": "a text field"}},
        {"data": b"no boundary here", "content_type": "multipart/form-data; boundary=x"},
        {"data": b"--x\r\nbroken", "content_type": "multipart/form-data; boundary=x"},
        {"data": b"{}", "content_type": "application/json"},
    ],
    ids=["nothing", "text field", "no parts", "broken part", "json"],
)
def test_missing_file(client, request_):
    reply = client.post("/upload", **request_)
    assert reply.status_code == 400
    check(reply, "missing_file")


def test_the_wrong_field(post, portrait):
    check(post(portrait, field="photo"), "missing_file")


@pytest.mark.parametrize("name", ["../../etc/passwd", "\x00\x1b[31m.jpg", "a" * 5000, ""])
def test_file_names_do_not_matter(post, portrait, name):
    assert post(portrait, name=name).status_code == 200


def test_unknown_paths_and_methods(client):
    check(client.get("/nowhere"), "not_found")
    reply = client.put("/upload")
    check(reply, "method_not_allowed")
    assert "POST" in reply.headers["Allow"]


def test_a_full_spool_is_busy_and_says_when_to_try_again(post, portrait, monkeypatch):
    def full(**_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("app.spool.tempfile.TemporaryFile", full)
    reply = post(portrait)
    assert reply.status_code == 503
    assert int(reply.headers["Retry-After"]) > 0
    check(reply, "busy")


def test_our_own_mistakes_show_no_traceback(app, post, portrait, monkeypatch, caplog):
    def broken(_photo):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(app.extensions["estimator"], "estimate", broken)
    reply = post(portrait)
    assert reply.status_code == 500
    check(reply, "internal")
    assert "secret" not in reply.text
    # the log says where, without what a message may quote of the photo
    assert f"request {reply.json['request_id']} failed: RuntimeError" in caplog.text
    assert "app/upload.py" in caplog.text
    assert "secret detail" not in caplog.text.replace('raise RuntimeError("secret detail")', "")


def test_every_code_is_in_the_openapi_document(document):
    documented = document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]
    assert set(STATUS) <= set(documented)
