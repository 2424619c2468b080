"""The relays of deploy/relay/ between real clients and the real stack."""

import json
import os
import socket
import subprocess
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import cache, partial
from pathlib import Path

import pytest

from deploy.stack import make_certificate
from deploy.testing import photos
from deploy.testing.clients import Client, Door
from deploy.testing.processes import family, written
from deploy.testing.relay import key_of, relays, write_key
from deploy.testing.service import ROOT
from deploy.testing.stack import running_stack
from deploy.testing.waiting import until
from model.photo import MAX_BYTES
from tests.deploy.disk import is_memory
from tests.deploy.flood import flood
from tests.deploy.other_host import serving
from tests.deploy.problems import assert_problem
from tests.hostile.bombs import png_claiming

DOORS = ["PHP", "PHP that reads forms", "nginx"]
AT_ONCE = 16  # python -m bench.relay sends 200
NONSENSE = ["page", "redirect", "cut", "text", "large", "garbage"]


@pytest.fixture(scope="module")
def folder():
    """On a disk, so that what reaches it is noticed."""
    parent = ROOT if is_memory(Path(tempfile.gettempdir())) else None
    with tempfile.TemporaryDirectory(prefix=".disk-", dir=parent) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def host(folder):
    """The port of a model host that is none."""
    certificate, key = (folder / "stack" / "tls" / name for name in ("certificate.pem", "key.pem"))
    make_certificate(certificate, key)
    with serving(certificate, key) as port:
        yield port


@pytest.fixture(scope="module")
def model(folder, host):
    """The model host: it knows a relay, and fetches from `Host`."""
    write_key(folder / "stack")
    settings = {
        "SETTINGS": f'YANLING_FETCH_FROM="https://localhost:{host}=127.0.0.1"',
        "REQUEST_RATE": "6r/m",
    }
    trust = {"SSL_CERT_FILE": str(folder / "stack" / "tls" / "certificate.pem")}
    with running_stack(folder / "stack", settings, trust) as stack:
        yield stack


@pytest.fixture(scope="module")
def relay(folder, host, model):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        closed = unused.getsockname()[1]
    (folder / "relay").mkdir()
    with relays(folder / "relay", model, {"down": closed, "slow": host}) as relay:
        relay.add_site("down", f"https://localhost:{closed}")
        relay.add_site("slow", f"https://localhost:{host}/slow", seconds=1)
        for name in ("echo", *NONSENSE):
            relay.add_site(name, f"https://localhost:{host}/{name}", "a-key")
        yield relay


@pytest.fixture(scope="module")
def ask(model, relay):
    """Send a request through one of DOORS, by the host name `site`."""

    def send(door, path, *options, site="localhost"):
        url = relay.nginx if door == "nginx" else relay.php
        site = "fixed" if "forms" in door else site
        return model.curl(url + path, *options, "-H", f"Host: {site}")

    return send


@pytest.fixture(scope="module")
def directly(model):
    """Send a request to the model host itself, the same one only once."""
    return cache(model.curl)


@pytest.fixture(scope="module")
def files(folder):
    """Photos and what is none, by name."""
    portrait = photos.encode(photos.astronaut())
    made = {
        "portrait": portrait,
        "group": photos.encode(photos.five_faces()[0]),
        "landscape": photos.encode(photos.no_face()),
        "larger": portrait.ljust(3_000_000, b"."),
        "large": portrait.ljust(2_000_000, b"."),
        "largest": portrait.ljust(MAX_BYTES, b"."),
        "too large": portrait.ljust(MAX_BYTES + 1, b"."),
        "far too large": portrait.ljust(12 * 2**20, b"."),
        "text": b"not a photo",
        "empty": b"",
        "cut": portrait[:2000],
        "bomb": png_claiming(40_000, 40_000),
    }
    (target := folder / "photos").mkdir()
    for name, data in made.items():
        (target / f"{name}.jpg").write_bytes(data)
    return target


@pytest.mark.usefixtures("packages")
def test_the_mini_programs_understand_the_relay(model, relay, files):
    """Its network module, and the first one's cutting."""
    environment = {
        "YANLING_URL": relay.php,
        "YANLING_PHOTOS": str(files),
        "NODE_EXTRA_CA_CERTS": str(model.certificate),
    }
    command = ["npm", "run", "--silent", "contract"]
    done = subprocess.run(
        command, cwd=ROOT / "miniprogram", env=os.environ | environment, capture_output=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("door", DOORS)
def test_answers_are_those_of_the_model_host(ask, directly, model, files, door):
    image = ["-H", "Content-Type: image/jpeg", "--data-binary"]
    trace = f"00-{os.urandom(16).hex()}-{'b2' * 8}-01"
    ids = [trace[3:35]]
    for path, *options in (
        ("/upload",),
        ("/upload", "-F", f"file=@{files}/portrait.jpg"),
        ("/upload", "-F", f"file=@{files}/landscape.jpg"),
        ("/upload", "-F", f"file=@{files}/largest.jpg"),
        ("/v1/faces?distribution=1", "-F", f"file=@{files}/group.jpg"),
        ("/v1/faces?distribution=1", *image, f"@{files}/group.jpg"),
    ):
        theirs = directly(path, *options)
        ours = ask(door, path, *options, "-H", f"traceparent: {trace}")
        ids.append(ours.headers["x-request-id"])
        assert ours.body == theirs.body.replace(theirs.headers["x-request-id"], ids[-1])
        same = ("content-type", "cache-control")
        assert [ours.headers.get(name) for name in same] == [
            theirs.headers.get(name) for name in same
        ]
    log = model.logs / "yanling-access.log"
    until(lambda: all(id_ in log.read_text() for id_ in ids))


def test_a_body_in_chunks(ask, files):
    """PHP cannot read one that its web server passes on as it comes."""
    sent = ["--http1.1", "-H", "Transfer-Encoding: chunked", "-F", f"file=@{files}/large.jpg"]
    assert_problem(ask("PHP", "/upload", *sent), 411, "bad_request")
    assert ask("nginx", "/upload", *sent).status == 200


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("path", "sent", "status", "code"),
    [
        ("/upload", "text", 415, "unsupported_type"),
        ("/upload", "empty", 400, "empty_file"),
        ("/upload", "cut", 422, "bad_image"),
        ("/upload", "bomb", 422, "too_many_pixels"),
        ("/upload", "too large", 413, "too_large"),
        ("/upload", "far too large", 413, "too_large"),
        ("/v1/faces", "portrait in another field", 400, "missing_file"),
        ("/v1/faces?distribution=2", "portrait", 400, "bad_request"),
        ("/upload", ["-X", "POST"], 400, "missing_file"),
        ("/upload", ["-H", "Content-Type: text/plain", "-d", "a"], 415, "unsupported_type"),
        ("/upload", ["-F", "file=text"], 400, "missing_file"),
        ("/v1/faces", ["--json", '{"image": "a"}'], 400, "bad_request"),
        ("/upload", ["-X", "PUT"], 405, "method_not_allowed"),
        ("/v1/other", [], 404, "not_found"),
    ],
)  # fmt: skip
def test_every_refusal_is_passed_on(ask, files, door, path, sent, status, code):
    if isinstance(sent, str):
        name, _, other = sent.partition(" in ")
        sent = ["-F", f"{'photo' if other else 'file'}=@{files}/{name}.jpg"]
    assert_problem(ask(door, path, *sent), status, code)


@pytest.mark.parametrize(
    ("site", "status", "code"),
    [
        ("down", 503, "busy"),
        ("slow", 504, "timeout"),
        *[(name, 502, "busy") for name in NONSENSE[:-1]],
        ("garbage", 503, "busy"),
    ],
)
def test_a_model_host_that_does_not_answer_as_it_should(
    ask, model, files, relay, site, status, code
):
    doors = {"PHP": lambda *options: ask("PHP", "/upload", *options, site=site)}
    if site in relay.others:
        doors["nginx"] = partial(model.curl, f"{relay.others[site]}/upload")
    for answer in (door("-F", f"file=@{files}/portrait.jpg") for door in doors.values()):
        assert_problem(answer, status, code)
        assert ("retry-after" in answer.headers) == (code == "busy")


def test_a_photo_larger_than_the_host_takes_is_told_so(ask, files):
    """Where .user.ini has no effect. A form over post_max_size PHP does leave to the script."""
    answer = ask("PHP that reads forms", "/upload", "-F", f"file=@{files}/larger.jpg")
    assert_problem(answer, 413, "too_large")
    assert "takes no more than 2M" in answer.json()["detail"]


def test_what_the_model_host_is_told(ask, files):
    said = ("Authorization: Bearer mine", "Accept: image/jpeg", "Cookie: a=b")
    said += ("X-Relay-Key: forged", "X-Client-Address: 9.9.9.9")
    sent = ["-F", f"file=@{files}/portrait.jpg", *[part for each in said for part in ("-H", each)]]
    told = ask("PHP", "/upload", "--interface", "127.0.0.9", *sent, site="echo").json()
    assert told["x-relay-key"] == "a-key"
    assert told["x-client-address"] == "127.0.0.9"
    assert (told["authorization"], told["accept"]) == ("Bearer mine", "image/jpeg")
    assert not {"cookie", "user-agent", "referer"} & set(told)
    assert "portrait" not in str(told)


def test_a_clients_address_is_believed_from_a_relay_alone(model, relay, ask):
    one, other = "127.0.5.1", "127.0.5.2"
    assert flood(model.certificate, relay.nginx, one)["429"] > 0
    assert ask("nginx", "/upload", "--interface", one).status == 429
    assert ask("PHP", "/upload", "--interface", one).status == 429  # the same client
    assert ask("nginx", "/upload", "--interface", other).status == 200
    # without the key, nobody can say that he is somebody else
    for key in ("", "wrong", f"{key_of(model)}a"):
        pretend = ["-H", f"X-Client-Address: {one}", "-H", f"X-Relay-Key: {key}"]
        assert model.curl("/upload", "--interface", other, *pretend).status == 200
    as_others = ["X-Client-Address: 10.0.0.1", "X-Relay-Key: wrong"]
    assert flood(model.certificate, model.url, "127.0.5.3", *as_others)["429"] > 0
    assert model.curl("/upload", "--interface", "127.0.5.3").status == 429
    # nor is a relay without an address an address that many share
    for said in ("", "not an address", "a" * 60):
        odd = ["-H", f"X-Client-Address: {said}", "-H", f"X-Relay-Key: {key_of(model)}"]
        assert model.curl("/upload", "--interface", "127.0.5.3", *odd).status == 429


@pytest.mark.parametrize("same", [True, False])
def test_addresses_of_ipv6_count_by_their_network(model, same):
    network = "2001:db8:7:8" if same else "2001:db8:7:9"
    say = [f"X-Relay-Key: {key_of(model)}", "X-Client-Address: 2001:db8:7:8:1:2:3:4"]
    assert flood(model.certificate, model.url, "127.0.5.4", *say)["429"] > 0
    other = ["-H", say[0], "-H", f"X-Client-Address: {network}::9"]
    assert model.curl("/upload", *other).status == (429 if same else 200)


@pytest.mark.parametrize("door", ["php", "nginx"])
def test_many_at_once_are_all_answered(model, relay, door, portrait):
    port = int(getattr(relay, door).rpartition(":")[2])
    where = Door(model.certificate, port)

    def upload(_number):
        with closing(Client(where)) as client:
            return client.upload(portrait).status

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert Counter(pool.map(upload, range(AT_ONCE))) == {200: AT_ONCE}


def test_what_of_a_photo_reaches_a_disk(ask, relay, files):
    """Nothing, unless PHP reads the form itself: then it writes the photo to its temporary folder,
    and deletes it after the request."""
    assert not is_memory(relay.folder)
    grown = []
    for door in DOORS:
        before = [sum(map(written, family(process))) for process in relay.processes]
        assert ask(door, "/upload", "-F", f"file=@{files}/large.jpg").status == 200
        after = [sum(map(written, family(process))) for process in relay.processes]
        grown.append([now - then for now, then in zip(after, before, strict=True)])
    ours, reads_forms, nginx = grown
    assert reads_forms[0] >= 2_000_000
    assert [ours, reads_forms[1], nginx] == [[0, 0], 0, [0, 0]]
    assert list((relay.folder / "tmp").iterdir()) == []


def test_a_photo_is_fetched_by_its_address_on_the_real_stack(model, host):
    body = json.dumps({"url": f"https://localhost:{host}/photo.jpg"})
    assert len(model.curl("/v1/faces", "--json", body).json()["faces"]) == 1
    old = model.curl("/employees", "--json", body.replace("url", "pic"))
    assert old.body.split('"')[5] == "Female"
    metrics = json.dumps({"url": f"{model.inside}/metrics"})
    assert_problem(model.curl("/v1/faces", "--json", metrics), 403, "url_refused")
