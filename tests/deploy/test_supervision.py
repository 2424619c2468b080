"""Stops, reloads and deaths, with requests in flight."""

import os
import signal
import socket
import stat
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from tests.deploy.conftest import until
from tests.deploy.test_nginx import assert_problem


@pytest.fixture(autouse=True)
def up(stack):
    """Each test finds the stack up, and leaves it so."""
    until(stack.is_ready)
    yield
    until(stack.is_ready)


def test_status_and_tail(stack):
    until(lambda: "STARTING" not in stack.supervisorctl("status"))
    lines = stack.supervisorctl("status").splitlines()
    assert {line.split()[0]: line.split()[1] for line in lines} == {
        "nginx": "RUNNING",
        "yanling": "RUNNING",
        "yanling-health": "RUNNING",
    }
    assert "spawned uWSGI worker 1" in stack.supervisorctl("tail", "-100000", "yanling")


def test_the_sockets_are_private(stack):
    """Who may write to supervisor's may run anything; uWSGI's is for nginx alone."""
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in stack.run.glob("*.sock")}
    assert modes == {"supervisor.sock": 0o700, "uwsgi.sock": 0o660}
    assert stat.S_IMODE(stack.run.stat().st_mode) == 0o700


def test_reload_loses_no_request(stack, portrait_file):
    master = stack.master()
    workers = stack.workers(master)
    with stack.load(portrait_file) as statuses:
        stack.supervisorctl("signal", "HUP", "yanling")
        until(lambda: len(stack.workers(master) - workers) == len(workers))
        count = len(statuses)
        until(lambda: len(statuses) > count + 5)  # the new ones answer
    assert set(statuses) == {200}
    assert stack.master() == master


def test_a_killed_worker_is_replaced_and_its_request_answered(stack, portrait_file):
    master = stack.master()
    workers = stack.workers(master)
    with stack.load(portrait_file) as statuses:
        for victim in workers:
            os.kill(victim, signal.SIGKILL)
            until(lambda gone=victim: len(stack.workers(master) - {gone}) == len(workers))
            # one death at a time: who was in flight twice would rightly get a 503
            answered = len(statuses)
            until(lambda count=answered: len(statuses) > count + 5)
    assert set(statuses) == {200}


def test_a_killed_master_comes_back_and_leaves_no_orphans(stack, portrait_file):
    master = stack.master()
    workers = stack.workers(master)
    os.kill(master, signal.SIGKILL)
    until(lambda: stack.master() not in (0, master))
    until(stack.is_ready)
    assert stack.upload(portrait_file).status == 200
    until(lambda: not any(is_running(pid) for pid in workers))


def test_a_stop_is_heard_while_loading_and_then_nginx_says_busy(stack):
    log = stack.logs / "yanling.log"
    before = log.stat().st_size
    stack.supervisorctl("signal", "HUP", "yanling")
    until(lambda: b"Operational MODE" in log.read_bytes()[before:])
    begin = time.monotonic()
    stack.supervisorctl("stop", "yanling")
    assert time.monotonic() - begin < 20  # supervisor would kill it after 40
    answer = stack.curl("/upload")
    assert_problem(answer, 503, "busy")
    assert answer.headers["retry-after"] == "5"
    stack.supervisorctl("start", "yanling")


@pytest.mark.parametrize("order", [["signal", "HUP"], ["restart"]])
def test_a_request_in_flight_is_finished(stack, astronaut, tmp_path, order):
    """Half a photo is with a worker, then the order comes, then the other half."""
    Image.fromarray(astronaut).save(tmp_path / "photo.bmp")  # far larger than a socket's buffer
    photo = (tmp_path / "photo.bmp").read_bytes()
    log = stack.logs / "yanling.log"
    before = log.stat().st_size
    with socket.socket(socket.AF_UNIX) as worker, ThreadPoolExecutor(1) as pool:
        worker.settimeout(30)
        worker.connect(str(stack.run / "uwsgi.sock"))
        worker.sendall(uwsgi_request("/v1/faces", "image/bmp", len(photo)))
        worker.sendall(photo[: len(photo) // 2])
        ordered = pool.submit(stack.supervisorctl, *order, "yanling")
        until(lambda: b"Gracefully killing worker" in log.read_bytes()[before:])
        worker.sendall(photo[len(photo) // 2 :])
        answer = b"".join(iter(lambda: worker.recv(65536), b""))
        ordered.result()
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b'"gender"' in answer


def is_running(pid: int) -> bool:
    """And not merely waiting for init to bury it."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def uwsgi_request(path: str, content_type: str, length: int) -> bytes:
    """The head of a POST in uWSGI's own protocol, as nginx writes it."""
    names = {
        "REQUEST_METHOD": "POST",
        "REQUEST_URI": path,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(length),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "443",
    }
    words = [word.encode() for pair in names.items() for word in pair]
    packet = b"".join(struct.pack("<H", len(word)) + word for word in words)
    return struct.pack("<BHB", 0, len(packet), 0) + packet
