"""Bad input gets its documented answer and leaves nothing in the spool (see `client`)."""

import errno
import io

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


HEAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
FORM = "multipart/form-data; boundary=x"


@pytest.mark.parametrize(
    ("body", "kind", "code", "words"),
    [
        (b"", "", "missing_file", "as multipart/form-data in the field 'file'"),
        (b"--x--\r\n", FORM, "missing_file", "has no field 'file'"),
        (
            HEAD.replace(b"file", b"photo", 1) + b"\r\n--x--",
            FORM,
            "missing_file",
            "not in the field",
        ),
        (HEAD[:50] + b"\r\n\r\na\r\n--x--", FORM, "missing_file", "is a text"),
        (HEAD + b"\r\n--x--", "multipart/form-data", "bad_request", "no valid boundary"),
        (HEAD + b"\r\n--x--", "multipart/form-data; boundary=", "bad_request", "no valid boundary"),
        (HEAD + b"\r\n--x--", FORM + "y", "bad_request", "not have the boundary"),
        (b"nothing", FORM, "bad_request", "not have the boundary"),
        (HEAD[:20], FORM, "bad_request", "breaks off before its last boundary"),
        (HEAD + b"photo", FORM, "bad_request", "breaks off before its last boundary"),
        (HEAD + b"photo\r\n--x", FORM, "bad_request", "breaks off before its last boundary"),
        (HEAD + b"photo\r\n--x\r\n", FORM, "bad_request", "breaks off before its last boundary"),
        (b"--x\r\nno colon\r\n\r\n--x--", FORM, "bad_request", "a head that cannot be read"),
        (b"--x\r\n\xff: a\r\n\r\n--x--", FORM, "bad_request", "a head that cannot be read"),
    ],
)
def test_a_form_without_a_photo_is_told_what_is_wrong_with_it(client, body, kind, code, words):
    reply = client.post("/upload", data=body, content_type=kind)
    assert reply.status_code == 400
    check(reply, code)
    assert words in reply.json["detail"]


@pytest.mark.parametrize(
    "kind", ["application/json", "application/x-www-form-urlencoded", "image/jpeg", "multipart/x"]
)
def test_a_body_of_another_type_is_refused(client, kind):
    reply = client.post("/upload", data=b"file=a", content_type=kind)
    check(reply, "unsupported_type")
    assert "as multipart/form-data in the field 'file'" in reply.json["detail"]


def test_a_photo_sent_as_a_text_field_is_told_so_whatever_its_size(client):
    body = HEAD[:50] + b"\r\n\r\n" + bytes(600_000) + b"\r\n--x--"
    reply = client.post("/upload", data=body, content_type=FORM)
    check(reply, "missing_file")
    assert reply.json["detail"].endswith("Send it as a file, with a file name.")


@pytest.mark.parametrize(
    "body",
    [(HEAD + b"\r\n") * 40 + b"--x--", HEAD[:-4] + b";a=b" * 9000 + b"\r\n\r\n\r\n--x--"],
    ids=["40 parts", "a head of 36 kB"],
)
def test_a_form_of_many_parts_or_with_a_long_head_is_too_large(client, body):
    reply = client.post("/upload", data=body, content_type=FORM)
    check(reply, "too_large")
    assert "10 MB" not in reply.json["detail"]


def test_a_body_shorter_than_its_length_is_told_so(client):
    environ = {"wsgi.input": io.BytesIO(HEAD), "CONTENT_LENGTH": "500", "CONTENT_TYPE": FORM}
    reply = client.post("/upload", environ_overrides=environ)
    check(reply, "bad_request")
    assert "shorter than its Content-Length" in reply.json["detail"]


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
    def broken(_photo, _budget):
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
