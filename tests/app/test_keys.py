"""API keys for `/v1`; tests/deploy/test_keys.py tests them on the real stack."""

import io

import pytest
from click.testing import CliRunner
from flask import g

from app.__main__ import main
from app.keys import Keys, make

BROKEN = [
    "shop",
    "shop abc",
    f"shop {'0' * 63}",
    f"sh/op {'0' * 64}",
    f"{'0' * 64}",
    "yanling_secret",
]


@pytest.fixture
def issue(app, tmp_path, monkeypatch):
    """Write the file of keys and require them; returns the keys by name."""
    file = tmp_path / "keys"

    def write(*names, more=""):
        made = {name: make(name) for name in names}
        file.write_text("".join(f"{line}\n" for _, line in made.values()) + more)
        if app.extensions["keys"] is None:
            monkeypatch.setitem(app.extensions, "keys", Keys(file))
        return {name: key for name, (key, _) in made.items()}

    write.file = file
    return write


@pytest.fixture
def ask(client, portrait):
    def send(authorization=None):
        headers = {"Authorization": authorization} if authorization else {}
        return client.post("/v1/faces", data=portrait, content_type="image/jpeg", headers=headers)

    return send


def test_a_valid_key_is_accepted(issue, ask):
    keys = issue("shop", "school")
    for key in keys.values():
        assert ask(f"Bearer {key}").status_code == 200
    assert ask(f"bearer {keys['shop']}").status_code == 200


@pytest.mark.parametrize(
    ("authorization", "challenge"),
    [
        (None, 'Bearer realm="yanling"'),
        ("Basic c2hvcDp4", 'Bearer realm="yanling"'),
        ("Bearer", 'Bearer realm="yanling"'),
        ("Bearer yanling_wrong", 'Bearer realm="yanling", error="invalid_token"'),
        ("Bearer \xe9\xff", 'Bearer realm="yanling", error="invalid_token"'),
    ],
)
def test_a_missing_or_wrong_key_is_refused(issue, ask, authorization, challenge):
    issue("shop")
    reply = ask(authorization)
    assert reply.status_code == 401
    assert reply.json["code"] == "unauthorized"
    assert reply.headers["WWW-Authenticate"] == challenge


def test_neither_the_name_nor_the_hash_is_a_key(issue, ask):
    issue("shop")
    name, digest = issue.file.read_text().split()
    for wrong in (name, digest, f"{name} {digest}"):
        assert ask(f"Bearer {wrong}").status_code == 401


def test_everything_but_v1_needs_no_key(issue, client, post, portrait):
    issue("shop")
    assert post(portrait).json["gender"] == "Female"
    for path in ("/", "/healthz", "/readyz", "/openapi.json", "/metrics", "/upload"):
        with client.get(path) as reply:
            assert reply.status_code == 200


def test_a_refused_photo_is_neither_read_nor_spooled(issue, client, portrait, monkeypatch):
    issue("shop")
    reads = []

    class Body(io.BytesIO):
        def readinto(self, buffer):
            reads.append(g.get("problem_code"))
            return super().readinto(buffer)

    monkeypatch.delattr("app.spool.tempfile.TemporaryFile")
    options = {"input_stream": Body(portrait), "content_length": len(portrait)}
    reply = client.post("/v1/faces", content_type="image/jpeg", **options)
    assert reply.status_code == 401
    assert set(reads) == {"unauthorized"}  # read only after the answer, and thrown away


@pytest.mark.parametrize("harm", ["gone", "empty", "a folder"])
def test_without_a_usable_file_every_request_gets_503_until_it_is_back(issue, ask, caplog, harm):
    key = issue("shop")["shop"]
    text = issue.file.read_text()
    issue.file.unlink()
    if harm == "empty":
        issue.file.touch()
    if harm == "a folder":
        issue.file.mkdir()
    for _ in range(3):
        reply = ask(f"Bearer {key}")
        assert (reply.status_code, reply.json["code"]) == (503, "busy")
        assert int(reply.headers["Retry-After"]) > 0
    assert len(caplog.records) == 1  # once, not for each request
    assert str(issue.file) in caplog.text
    if harm == "a folder":
        issue.file.rmdir()
    issue.file.write_text(text)
    assert ask(f"Bearer {key}").status_code == 200


@pytest.mark.parametrize("line", BROKEN)
def test_a_broken_line_is_no_key_and_the_other_lines_still_work(issue, ask, caplog, line):
    issue("old")
    key = issue("shop", more=f"# a comment\n\n{line}\n")["shop"]
    assert ask(f"Bearer {key}").status_code == 200
    assert ask(f"Bearer {line}").status_code == 401
    assert "line 4" in caplog.text
    assert line not in caplog.text.replace(str(issue.file), "")


@pytest.mark.parametrize(
    "text", ["", "# none yet\n", *(f"good {'0' * 64}\n{line}\n" for line in BROKEN)]
)
def test_the_service_does_not_start_with_an_empty_or_broken_file(tmp_path, text):
    file = tmp_path / "keys"
    file.write_text(text)
    with pytest.raises(ValueError, match=f"YANLING_API_KEYS: .*{file}") as refused:
        Keys(file)
    assert "yanling_secret" not in str(refused.value)
    file.unlink()
    with pytest.raises(ValueError, match=f"YANLING_API_KEYS: .*{file}"):
        Keys(file)


def test_the_command_makes_a_key_and_the_line_for_it(tmp_path):
    done = CliRunner().invoke(main, ["key", "shop"])
    (tmp_path / "keys").write_text(done.stdout)
    key = done.stderr.split()[-1]
    assert Keys(tmp_path / "keys").owner(key) == "shop"
    assert key not in done.stdout
    assert len(key) > 43  # 256 bits
    assert CliRunner().invoke(main, ["key", "shop"]).stderr.split()[-1] != key


@pytest.mark.parametrize("name", ["", "a b", "图", "x" * 65, "shop\n"])
def test_the_command_refuses_a_name_that_the_file_cannot_hold(name):
    done = CliRunner().invoke(main, ["key", name])
    assert done.exit_code == 2
    assert "letters, digits" in done.stderr
    assert done.stdout == ""
