"""A photo as base64 in JSON."""

import base64
import json

import pytest

from model.photo import MAX_BYTES


def encoded(photo):
    return base64.b64encode(photo).decode()


@pytest.mark.parametrize(
    "written",
    [
        encoded,
        lambda photo: f"data:image/jpeg;base64,{encoded(photo)}",
        lambda photo: base64.encodebytes(photo).decode().replace("\n", "\r\n"),
    ],
    ids=["plain", "data URL", "lines"],
)
def test_a_photo_in_json_is_answered_as_any_other(client, post, portrait, written):
    body = json.dumps({"image": written(portrait)}).replace("/", "\\/")  # as PHP writes it
    reply = client.post("/v1/faces?distribution=1", data=body, content_type="application/json; a=b")
    assert reply.json["faces"] == post(portrait, "/v1/faces?distribution=1").json["faces"]


@pytest.mark.parametrize(
    ("body", "status", "code", "words"),
    [
        (b"", 400, "bad_request", "not JSON"),
        (b"{", 400, "bad_request", "not JSON"),
        (b'{"image": "\xff"}', 400, "bad_request", "not JSON in UTF-8"),
        (b"[]", 400, "bad_request", "nothing else"),
        (b'"image"', 400, "bad_request", "nothing else"),
        (b"{}", 400, "bad_request", "nothing else"),
        (b'{"image": "", "max_faces": 3}', 400, "bad_request", "belong into the query"),
        (b'{"photo": ""}', 400, "bad_request", '{"image": "\u2026"} or {"url": "\u2026"}'),
        (b'{"image": 7}', 400, "bad_request", "with a text"),
        (b'{"image": "a"}', 400, "bad_request", "not valid base64"),
        (b'{"image": "aaaa=aaa"}', 400, "bad_request", "not valid base64"),
        (b'{"image": "a_-a"}', 400, "bad_request", "not valid base64"),
        (b'{"image": "\\u56fe"}', 400, "bad_request", "not valid base64"),
        (b'{"image": "https://a.test/a.jpg"}', 400, "bad_request", "not valid base64"),
        (b'{"image": "data:image/jpeg,aaaa"}', 400, "bad_request", "must begin with data:"),
        (b'{"image": "data:"}', 400, "bad_request", "must begin with data:"),
        (b'{"image": ""}', 400, "empty_file", ""),
        (b'{"image": "aaaa"}', 415, "unsupported_type", "not a JPEG"),
        (b"[" * 100_000, 400, "bad_request", "more members"),
        (b'{"image": "' + b"\\u0041" * 20_000 + b'"}', 400, "bad_request", "only base64"),
        (b'{"image": "' + "图".encode() * 30_000 + b'"}', 400, "bad_request", "only base64"),
        (b'{"image": "' + b"a" * MAX_BYTES * 4 + b'"}', 413, "too_large", ""),
    ],
)
def test_bad_json_is_told_what_is_wrong(client, body, status, code, words):
    reply = client.post("/v1/faces", data=body, content_type="application/json")
    assert (reply.status_code, reply.json["code"]) == (status, code)
    assert words in reply.json["detail"]
