"""Nothing of a photo or its sender stays behind."""

import json
import re
import subprocess

import numpy as np
import pytest
from PIL import Image

from deploy.testing.processes import children, open_files
from deploy.testing.waiting import until
from tests.reliability.floods import begun

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")


def lines_about(file, request_id):
    return [line for line in file.read_text().splitlines() if request_id in line]


def test_one_request_id_from_end_to_end(stack, portrait_file):
    answer = stack.upload(portrait_file, "-H", "X-Request-ID: chosen-by-the-client")
    id_ = answer.headers["x-request-id"]
    assert id_ != "chosen-by-the-client"
    access, service = stack.logs / "yanling-access.log", stack.logs / "yanling.log"
    until(lambda: lines_about(access, id_) and len(lines_about(service, id_)) == 2)
    lines = lines_about(access, id_) + lines_about(service, id_)
    nginx, model, uwsgi = entries = [json.loads(line) for line in lines]
    assert {entry["request_id"] for entry in entries} == {id_}
    assert (nginx["method"], nginx["path"], nginx["status"]) == ("POST", "/upload", "200")
    assert (uwsgi["method"], uwsgi["path"], uwsgi["status"]) == ("POST", "/upload", 200)
    assert (model["logger"], model["faces"]) == ("model.estimator", 1)
    assert set(model["milliseconds"]) == {"decode", "detect", "align", "infer"}
    assert 0 < sum(model["milliseconds"].values()) <= uwsgi["milliseconds"] + 1
    assert all(TIME.fullmatch(entry["time"]) for entry in entries)


TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize(
    ("traceparents", "traces"),
    [
        ([f"00-{TRACE}-00f067aa0ba902b7-01"], {TRACE}),
        ([f"00-{TRACE}-00f067aa0ba902b7-01", f"00-{'1' * 32}-00f067aa0ba902b7-01"], {"", TRACE}),
        ([f"00-{TRACE}-{'0' * 16}-01"], {""}),
        ([f"00-{'0' * 32}-00f067aa0ba902b7-01"], {""}),
        ([f"00-{TRACE.upper()}-00f067aa0ba902b7-01"], {""}),
        ([f"00-{TRACE}-00f067aa0ba902b7-01-private"], {""}),
        ([f"ff-{TRACE}-00f067aa0ba902b7-01"], {""}),
        (['00-","private":"'], {""}),
        ([], {""}),
    ],
)
def test_a_valid_trace_id_is_in_every_line(stack, portrait_file, traceparents, traces):
    options = [word for each in traceparents for word in ("-H", f"traceparent: {each}")]
    id_ = stack.upload(portrait_file, *options).headers["x-request-id"]
    access, service = stack.logs / "yanling-access.log", stack.logs / "yanling.log"
    until(lambda: lines_about(access, id_) and len(lines_about(service, id_)) == 2)
    lines = lines_about(access, id_) + lines_about(service, id_)
    found = {json.loads(line).get("trace_id", "").strip("-") for line in lines}
    assert len(found) == 1
    assert found <= traces
    assert "private" not in "".join(lines)


@pytest.mark.parametrize("path", ['/a"b', "/a\\b", "/a'b", "/%22%0a", "/" + "a" * 300])
def test_no_path_breaks_the_log(stack, path):
    id_ = stack.curl(path).headers["x-request-id"]
    log = stack.logs / "yanling.log"
    until(lambda: lines_about(log, id_))
    (line,) = lines_about(log, id_)
    logged = json.loads(line)["path"]
    assert path.startswith(logged)
    assert 1 < len(logged) <= 200


def test_an_error_is_logged_with_its_own_path(stack):
    id_ = stack.curl("/metrics?secret=1", "-X", "PUT").headers["x-request-id"]
    access = stack.logs / "yanling-access.log"
    until(lambda: lines_about(access, id_))
    entry = json.loads(lines_about(access, id_)[0])
    assert (entry["method"], entry["path"], entry["status"]) == ("PUT", "/metrics", "404")


def test_logs_reveal_nothing(stack, portrait_file):
    stack.curl("/upload?private=query", "-F", f"file=@{portrait_file}")
    stack.curl("/private-path-is-fine?private=query", "-A", "private-agent")
    for log in stack.logs.iterdir():
        text = log.read_text()
        assert portrait_file.name not in text
        assert "private=query" not in text
        assert "private-agent" not in text
    # while uWSGI is down, nginx's error log does contain the address: see deploy/README.md
    for log in ("yanling-access.log", "yanling.log"):
        assert "127.0.0.1" not in (stack.logs / log).read_text()


def test_photos_stay_in_memory(stack, tmp_path):
    """Large uploads, with a length and chunked: nginx writes their bodies into memory, and nothing
    else."""
    noise = np.random.default_rng(1).integers(0, 256, (1600, 2000, 3), np.uint8)
    photo = tmp_path / "noise.bmp"  # 9.6 MB
    Image.fromarray(noise).save(photo)
    kind = subprocess.check_output(["stat", "--file-system", "--format=%T", stack.run], text=True)
    assert kind.strip() == "tmpfs"

    # nginx would unlink such a file immediately, but the folder's mtime shows it
    places = sorted(set(stack.run.glob("nginx-*/")) - {stack.run / "nginx-bodies"})
    assert len(places) == 4
    before = [place.stat().st_mtime_ns for place in places]
    assert stack.upload(photo).body == "-1"
    assert stack.upload(photo, "--http1.1", "-H", "Transfer-Encoding: chunked").body == "-1"
    assert [place.stat().st_mtime_ns for place in places] == before


def test_a_body_on_its_way_in_has_no_name(stack):
    with begun(stack, "127.0.0.1", 9_000_000, bytes(2_000_000)):
        # nginx creates the file and removes its name immediately
        until(lambda: [name.endswith(" (deleted)") for name in bodies(stack)] == [True])
        assert not list((stack.run / "nginx-bodies").rglob("*"))
    until(lambda: not bodies(stack))


def bodies(stack) -> list[str]:
    """The files of bodies that nginx has open."""
    files = [str(file) for worker in children(stack.nginx()) for file in open_files(worker)]
    return [file for file in files if file.startswith(f"{stack.run}/nginx-bodies/")]


def test_the_spool_is_private_and_empty(stack, portrait_file):
    spool = stack.service / "spool"
    stack.upload(portrait_file)
    assert spool.stat().st_mode & 0o777 == 0o700
    assert not list(spool.iterdir())
