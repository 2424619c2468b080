def test_deployed_clients_can_cut_age_and_gender_out_of_the_text(post, portrait):
    reply = post(portrait)
    assert reply.status_code == 200
    assert reply.mimetype == "application/json"
    assert 25 <= int(reply.text.split(":")[1].split(",")[0]) <= 45
    assert reply.text.split('"')[5] == "Female"
    answer = reply.json
    assert list(answer) == ["age", "gender", "age_range", "gender_confidence", "faces", "notes",
                            "faces_not_judged"]  # fmt: skip
    assert isinstance(answer["age"], int)
    low, high = answer["age_range"]
    assert low <= answer["age"] <= high


def test_several_faces_the_largest_first(post, group):
    answer = post(group[0]).json
    assert len(answer["faces"]) == 5
    widths = [face["box"]["width"] for face in answer["faces"]]
    assert widths[0] == max(widths)
    assert answer["age"] == answer["faces"][0]["age"]


def test_no_face_is_minus_one_exactly(post, landscape):
    reply = post(landscape)
    assert reply.status_code == 200
    assert reply.data == b"-1"


def test_get_says_how_to_use_it_in_both_languages(client):
    reply = client.get("/upload")
    assert reply.status_code == 200
    assert reply.mimetype == "text/plain"
    assert "照片" in reply.text
    assert "photo" in reply.text
