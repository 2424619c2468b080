"""Bad input gets its documented answer and leaves nothing in the spool (see `client`)."""

import errno

import pytest

from app.problems import STATUS
from tests.hostile.bombs import png_claiming

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
        (png_claiming(40_000, 40_000), 422, "too_many_pixels"),
        (png_claiming(0, 0), 422, "bad_image"),
        (b"\xff\xd8" + b"\0" * (10 * MB), 413, "too_large"),
        (b"\xff\xd8" + b"\0" * (11 * MB), 413, "too_large"),
    ],
    ids=["empty", "text", "bomb", "0x0", "just over 10 MB", "11 MB"],
)
def test_bad_photos(post, path, data, status, code):
    reply = post(data, path)
    assert reply.status_code == status
    check(reply, code)


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


def test_a_full_spool_is_answered_with_503_and_retry_after(post, portrait, monkeypatch):
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
    # the log says where, but not the message: it may quote the photo
    assert f"request {reply.json['request_id']} failed: RuntimeError" in caplog.text
    assert "app/upload.py" in caplog.text
    assert "secret detail" not in caplog.text.replace('raise RuntimeError("secret detail")', "")


def test_every_code_is_in_the_openapi_document(document):
    documented = document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]
    assert set(STATUS) <= set(documented)
