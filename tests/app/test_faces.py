def test_a_portrait_as_a_form_field_and_as_the_body(client, post, portrait):
    form = post(portrait, "/v1/faces").json
    body = client.post("/v1/faces", data=portrait, content_type="image/jpeg").json
    assert form["faces"] == body["faces"]
    (face,) = form["faces"]
    assert 25 <= face["age"] <= 45
    assert face["gender"] == "Female"
    assert form["image"] == {"width": 512, "height": 512}
    assert 0.75 <= form["model"]["age_range_coverage"] <= 0.9


def test_no_face_is_an_empty_list(post, landscape):
    assert post(landscape, "/v1/faces").json["faces"] == []


def test_the_request_id_is_the_one_in_the_header(client, portrait):
    reply = client.post(
        "/v1/faces",
        data=portrait,
        content_type="image/jpeg",
        headers={"X-Request-ID": "0123456789abcdef"},
    )
    assert reply.json["request_id"] == reply.headers["X-Request-ID"] == "0123456789abcdef"


def test_a_request_id_that_could_forge_a_log_line_is_replaced(client):
    reply = client.get("/healthz", headers={"X-Request-ID": "abcdefgh ERROR forged"})
    assert "forged" not in reply.headers["X-Request-ID"]
    assert len(reply.headers["X-Request-ID"]) == 32


def test_other_bodies_are_refused(client):
    reply = client.post("/v1/faces", data=b"{}", content_type="application/json")
    assert reply.status_code == 415
    assert reply.json["code"] == "unsupported_type"
