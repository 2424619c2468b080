import io

import numpy as np
import pytest
from PIL import Image

from deploy.testing.photos import encode
from model.photo import MAX_BYTES
from tests.hostile.bombs import png_claiming
from tests.hostile.http import form


def send(client, *photos, path="/v1/faces", **options):
    """Post the photos as one form."""
    body, kind = form(*photos)
    return client.post(path, data=body, content_type=kind, **options)


@pytest.mark.parametrize("kind", ["image/jpeg", "image/png", "application/octet-stream"])
def test_a_portrait_as_a_form_field_and_as_the_body(client, post, portrait, kind):
    form = post(portrait, "/v1/faces").json
    body = client.post("/v1/faces", data=portrait, content_type=kind).json
    assert form["faces"] == body["faces"]
    (face,) = form["faces"]
    assert 25 <= face["age"] <= 45
    assert face["gender"] == "Female"
    assert form["image"] == {"width": 512, "height": 512}
    assert 0.75 <= form["model"]["age_range_coverage"] <= 0.9
    assert form["model"]["weights"] == client.get("/readyz").json["weights_sha256"][:12]


@pytest.mark.parametrize("path", ["/upload", "/v1/faces"])
def test_faces_beyond_the_limit_are_counted(app, post, group, monkeypatch, path):
    assert post(group[0], path).json["faces_not_judged"] == 0
    monkeypatch.setitem(app.config, "MAX_FACES", 2)
    answer = post(group[0], path).json
    assert len(answer["faces"]) == 2
    assert answer["faces_not_judged"] == 3


def test_a_client_may_ask_for_fewer_faces_and_for_large_ones(app, post, group, monkeypatch):
    def ask(query):
        answer = post(group[0], f"/v1/faces?{query}").json
        return [face["quality"]["size"] for face in answer["faces"]], answer["faces_not_judged"]

    sizes, _ = ask("")
    assert ask("max_faces=2") == (sizes[:2], 3)
    assert ask("max_faces=1000") == (sizes, 0)
    assert ask(f"min_size={sizes[1]}") == (sizes[:2], 0)
    assert ask(f"min_size={sizes[0] + 1}") == ([], 0)
    monkeypatch.setitem(app.config, "MAX_FACES", 3)
    assert ask("max_faces=4") == (sizes[:3], 2)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("distribution=yes", "distribution must be 0 or 1."),
        ("distribution=", "0 or 1"),
        ("max_faces=0", "max_faces must be a whole number from 1 to 1000."),
        ("max_faces=1001", "from 1 to 1000"),
        ("max_faces=" + "9" * 5000, "from 1 to 1000"),
        ("max_faces=²", "from 1 to 1000"),
        ("min_size=-1", "min_size must be a whole number from 0 to 65535."),
        ("min_size=1.5", "from 0 to 65535"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/faces", "/v1/batch"])
def test_what_cannot_be_asked_for(post, path, query, words):
    reply = post(b"not looked at", f"{path}?{query}")
    assert (reply.status_code, reply.json["code"]) == (400, "bad_request")
    assert words in reply.json["detail"]


def test_the_pose_is_in_every_face(post, group):
    for face in post(group[0], "/v1/faces").json["faces"]:
        assert face["pose"]["roll"] == face["roll"]
        assert abs(face["pose"]["yaw"]) < 20
        assert abs(face["pose"]["pitch"]) <= 20


def test_a_second_file_is_an_error_only_where_no_old_client_sends_it(client, portrait, landscape):
    reply = send(client, portrait, landscape)
    assert (reply.status_code, reply.json["code"]) == (400, "several_files")
    assert "/v1/batch" in reply.json["detail"]
    reply = send(client, landscape, portrait, path="/upload")
    assert (reply.status_code, reply.text) == (200, "-1")  # of the first


@pytest.mark.parametrize("accept", ["image/jpeg", "image/*", "application/json;q=0.5, image/jpeg"])
def test_the_photo_with_its_faces_marked(client, portrait, accept):
    reply = send(client, portrait, headers={"Accept": accept})
    assert (reply.status_code, reply.mimetype) == (200, "image/jpeg")
    before, after = (np.asarray(Image.open(io.BytesIO(each))) for each in (portrait, reply.data))
    assert before.shape == after.shape
    changed = np.abs(before.astype(int) - after).max(axis=2) > 60
    rows, columns = np.nonzero(changed)
    # around the face, and in the label above its box; nowhere else
    assert 10 < rows.min() < 60
    assert 160 < rows.max() < 190
    assert 165 < columns.min() < 190
    assert 255 < columns.max() < 285


@pytest.mark.parametrize("accept", ["", "*/*", "text/html", "image/png;q=x,,;"])
def test_json_for_whoever_does_not_ask_for_a_jpeg(client, portrait, accept):
    reply = send(client, portrait, headers={"Accept": accept})
    assert len(reply.json["faces"]) == 1


def test_a_marked_photo_is_upright_small_and_bare(client, astronaut):
    photo = Image.fromarray(astronaut).crop((160, 40, 300, 200)).resize((2800, 3200))
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera"
    turned = photo.transpose(Image.Transpose.ROTATE_90)
    picture = {"Accept": "image/jpeg"}
    reply = send(client, encode(turned, exif=exif), headers=picture)
    image = Image.open(io.BytesIO(reply.data))
    assert image.size == (1120, 1280)
    assert not image.getexif()
    refused = send(client, b"no photo", headers=picture)
    assert (refused.status_code, refused.json["code"]) == (415, "unsupported_type")


def test_a_batch_answers_each_photo_in_its_place_as_if_it_were_alone(
    client, portrait, group, landscape
):
    photos = portrait, b"no photo", b"", group[0], portrait[:3000], landscape, png_claiming(0, 0)
    reply = send(client, *photos, path="/v1/batch?distribution=1&max_faces=3")
    alone = [
        send(client, each, path="/v1/faces?distribution=1&max_faces=3").json for each in photos
    ]
    results = reply.json["results"]
    assert reply.json["model"] == alone[0]["model"]
    assert reply.json["request_id"] == reply.headers["X-Request-ID"]
    assert [len(each["faces"]) for each in results if "faces" in each] == [1, 3, 0]
    codes = ["unsupported_type", "empty_file", "bad_image", "bad_image"]
    assert [each["problem"]["code"] for each in results if "problem" in each] == codes
    for each, single in zip(results, alone, strict=True):
        same = each.get("problem", each)
        assert same == {name: single[name] for name in same} | {
            name: reply.json[name] for name in ("request_id",) if name in same
        }


def test_photos_beyond_what_one_request_may_cost_are_named(
    app, client, portrait, group, monkeypatch
):
    monkeypatch.setitem(app.config, "MAX_FACES", 6)
    results = send(client, group[0], group[0], portrait, path="/v1/batch").json["results"]
    # the second one was begun, and is answered whole
    assert [len(each.get("faces", [])) for each in results] == [5, 5, 0]
    assert results[2]["problem"]["code"] == "budget_spent"
    assert results[2]["problem"]["status"] == 413


@pytest.mark.parametrize(
    ("photos", "code"),
    [([], "missing_file"), ([b"a"] * 33, "too_large"), ([bytes(MAX_BYTES)] * 2, "too_large")],
    ids=["none", "33", "20 MB"],
)
def test_a_batch_of_none_or_too_many(client, photos, code):
    assert send(client, *photos, path="/v1/batch").json["code"] == code


def test_a_batch_is_a_form(client, portrait):
    reply = client.post("/v1/batch", data=portrait, content_type="image/jpeg")
    assert (reply.status_code, reply.json["code"]) == (415, "unsupported_type")


def test_no_face_is_an_empty_list(post, landscape):
    assert post(landscape, "/v1/faces").json["faces"] == []


def test_the_distribution_comes_on_request(post, portrait):
    (face,) = post(portrait, "/v1/faces?distribution=1").json["faces"]
    shares = face["age_distribution"]
    assert len(shares) == 101
    assert sum(shares) == pytest.approx(1, abs=0.005)
    mean = sum(year * share for year, share in enumerate(shares))
    assert mean == pytest.approx(face["age"], abs=0.3)
    del face["age_distribution"]
    for path in ("/v1/faces", "/v1/faces?distribution=0"):
        assert post(portrait, path).json["faces"] == [face]


def test_a_request_id_sent_by_the_client_is_kept(client, portrait):
    id_ = "0123456789abcdef"
    sent = {"content_type": "image/jpeg", "headers": {"X-Request-ID": id_}}
    reply = client.post("/v1/faces", data=portrait, **sent)
    assert reply.json["request_id"] == reply.headers["X-Request-ID"] == id_


def test_a_request_id_that_could_forge_a_log_line_is_replaced(client):
    reply = client.get("/healthz", headers={"X-Request-ID": "abcdefgh ERROR forged"})
    assert "forged" not in reply.headers["X-Request-ID"]
    assert len(reply.headers["X-Request-ID"]) == 32


def test_other_bodies_are_refused(client):
    reply = client.post("/v1/faces", data=b"{}", content_type="text/json")
    assert reply.status_code == 415
    assert reply.json["code"] == "unsupported_type"
