import pytest


def test_a_portrait_as_a_form_field_and_as_the_body(client, post, portrait):
    form = post(portrait, "/v1/faces").json
    body = client.post("/v1/faces", data=portrait, content_type="image/jpeg").json
    assert form["faces"] == body["faces"]
    (face,) = form["faces"]
    assert 25 <= face["age"] <= 45
    assert face["gender"] == "Female"
    assert form["image"] == {"width": 512, "height": 512}
    assert 0.75 <= form["model"]["age_range_coverage"] <= 0.9


@pytest.mark.parametrize("path", ["/upload", "/v1/faces"])
def test_faces_beyond_the_limit_are_counted(app, post, group, monkeypatch, path):
    assert post(group[0], path).json["faces_not_judged"] == 0
    monkeypatch.setitem(app.config, "MAX_FACES", 2)
    answer = post(group[0], path).json
    assert len(answer["faces"]) == 2
    assert answer["faces_not_judged"] == 3


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


def test_distribution_must_be_0_or_1(post, portrait):
    reply = post(portrait, "/v1/faces?distribution=yes")
    assert reply.status_code == 400
    assert reply.json["code"] == "bad_request"
    assert "0 or 1" in reply.json["detail"]


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
    reply = client.post("/v1/faces", data=b"{}", content_type="application/json")
    assert reply.status_code == 415
    assert reply.json["code"] == "unsupported_type"
