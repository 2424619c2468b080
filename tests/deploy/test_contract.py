"""The answers that phones get through TLS, nginx and uWSGI."""

import json
import subprocess

# these lines are in the old mini-program
CUT = """
const data = require('fs').readFileSync(0, 'utf8')
const age = data.split(':')[1].split(',')[0]
const gender = data.split('"')[5]
console.log(JSON.stringify({ age, gender }))
"""


def test_old_client_reads_age_and_gender(stack, portrait_file):
    answer = stack.upload(portrait_file)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    node = ["node", "-e", CUT]
    done = subprocess.run(node, input=answer.body, capture_output=True, text=True, check=True)
    cut = json.loads(done.stdout)
    assert cut == {"age": str(answer.json()["age"]), "gender": answer.json()["gender"]}
    assert 0 <= int(cut["age"]) <= 100
    assert cut["gender"] in {"Male", "Female"}


def test_no_face_is_minus_one_and_nothing_else(stack, landscape, tmp_path):
    (tmp_path / "coffee.jpg").write_bytes(landscape)
    answer = stack.upload(tmp_path / "coffee.jpg")
    assert (answer.status, answer.body) == (200, "-1")


def test_usage(stack):
    answer = stack.curl("/upload")
    assert answer.status == 200
    assert "curl -F file=@photo.jpg" in answer.body


def test_chunked_bodies_answer_the_same(stack, portrait_file):
    chunked = ["--http1.1", "-H", "Transfer-Encoding: chunked"]
    assert stack.upload(portrait_file, *chunked).body == stack.upload(portrait_file).body


def test_new_clients_get_an_object(stack, portrait_file):
    answer = stack.curl(
        "/v1/faces", "-H", "Content-Type: image/jpeg", "--data-binary", f"@{portrait_file}"
    )
    assert answer.status == 200
    assert len(answer.json()["faces"]) == 1
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
