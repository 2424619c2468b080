import json


def test_the_old_clients_cutting_gives_age_and_gender(post, portrait):
    reply = post(portrait)
    assert reply.status_code == 200
    assert reply.mimetype == "application/json"
    assert 25 <= int(reply.text.split(":")[1].split(",")[0]) <= 45
    assert reply.text.split('"')[5] == "Female"


def test_age_and_gender_come_first(post, portrait):
    answer = json.loads(post(portrait).text)
    assert list(answer)[:2] == ["age", "gender"]
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
