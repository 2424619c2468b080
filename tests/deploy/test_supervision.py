"""Stop, reload and kill while requests are in flight."""

import socket
import stat
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from deploy.testing.clients import load
from deploy.testing.photos import encode
from deploy.testing.processes import is_running
from deploy.testing.stack import Stack
from deploy.testing.waiting import until
from tests.deploy.problems import assert_problem
from tests.reliability import faults


@pytest.fixture(autouse=True)
def up(stack):
    """Each test finds the stack up and leaves it up."""
    until(stack.is_ready)
    yield
    until(stack.is_ready)


def test_status_and_tail(stack):
    stack.wait_for_start()
    lines = stack.supervisorctl("status").splitlines()
    assert {line.split()[0]: line.split()[1] for line in lines} == {
        "nginx": "RUNNING",
        "yanling": "RUNNING",
        "yanling-certificate": "RUNNING",
        "yanling-health": "RUNNING",
        "yanling-refusals": "RUNNING",
    }
    assert "spawned uWSGI worker 1" in stack.supervisorctl("tail", "-10000000", "yanling")


def test_the_sockets_are_private(stack):
    """Writing to supervisor's socket can start any program; uWSGI's is for nginx alone."""
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in stack.run.rglob("*.sock")}
    queues = {f"queue-{number:02}.sock": 0o660 for number in range(1, 33)}
    assert modes == {
        "supervisor.sock": 0o700,
        "uwsgi.sock": 0o660,
        "refusals.sock": 0o660,
        **queues,
    }
    assert stat.S_IMODE(stack.run.stat().st_mode) == 0o700


@pytest.mark.parametrize("order", [faults.hang_up, Stack.reload], ids=["HUP", "touched file"])
def test_reload_loses_no_request(stack, portrait, order):
    master = stack.master()
    with load(stack, [portrait], clients=3) as answers:
        faults.replace_workers(stack, partial(order, stack))
        faults.await_more(answers, 6)  # from the new workers
    assert [each for each in answers if each.status != 200] == []
    assert stack.master() == master


def test_dead_workers_are_replaced_immediately_and_their_requests_answered(stack):
    master = stack.master()
    assert faults.killed_workers(stack, times=6).violations == []
    assert stack.master() == master


def test_a_killed_master_is_replaced_and_leaves_no_orphans(stack, portrait_file):
    workers = stack.workers()
    faults.kill_master(stack)
    assert stack.upload(portrait_file).status == 200
    until(lambda: not any(map(is_running, workers)))


def test_a_stop_while_loading_needs_no_kill_and_then_nginx_answers_busy(stack):
    log = stack.logs / "yanling.log"
    before = log.stat().st_size
    stack.supervisorctl("signal", "HUP", "yanling")
    until(lambda: b"Operational MODE" in log.read_bytes()[before:])
    stack.supervisorctl("stop", "yanling")
    assert "killing 'yanling'" not in (stack.logs / "supervisord.log").read_text()
    answer = stack.curl("/upload")
    assert_problem(answer, 503, "busy")
    assert answer.headers["retry-after"] == "5"
    stack.supervisorctl("start", "yanling")


@pytest.mark.parametrize("order", [["signal", "HUP"], ["restart"]])
def test_a_request_in_flight_is_finished(stack, astronaut, order):
    """A worker has half of a photo, then the order comes, then the other half."""
    photo = encode(astronaut, "BMP")  # far larger than a socket's buffer
    log = stack.logs / "yanling.log"
    before = log.stat().st_size
    with socket.socket(socket.AF_UNIX) as worker, ThreadPoolExecutor(1) as pool:
        worker.settimeout(120)
        worker.connect(str(stack.service / "uwsgi.sock"))
        worker.sendall(uwsgi_request("/v1/faces", "image/bmp", len(photo)))
        worker.sendall(photo[: len(photo) // 2])
        ordered = pool.submit(stack.supervisorctl, *order, "yanling")
        until(lambda: b"Gracefully killing worker" in log.read_bytes()[before:])
        worker.sendall(photo[len(photo) // 2 :])
        answer = b"".join(iter(lambda: worker.recv(65536), b""))
        ordered.result()
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b'"gender"' in answer


@pytest.mark.parametrize(
    ("waited", "status"), [(1, b"200"), (40, b"503"), (7200, b"200"), (-7200, b"200")]
)
def test_who_waited_too_long_is_refused_unless_the_clock_was_set(stack, portrait, waited, status):
    queued = f" HTTP_X_QUEUED_AT {time.time() - waited:.3f}"
    with socket.socket(socket.AF_UNIX) as worker:
        worker.settimeout(120)
        worker.connect(str(stack.service / "queue-01.sock"))
        worker.sendall(uwsgi_request("/v1/faces", "image/jpeg", len(portrait), queued) + portrait)
        answer = b"".join(iter(lambda: worker.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert (b"Retry-After: 5" in answer) == (status == b"503")


def uwsgi_request(path: str, content_type: str, length: int, more: str = "") -> bytes:
    """The head of a POST in uWSGI's own protocol, as nginx writes it."""
    text = f"REQUEST_METHOD POST REQUEST_URI {path} PATH_INFO {path} CONTENT_TYPE {content_type} "
    text += (
        f"CONTENT_LENGTH {length} SERVER_PROTOCOL HTTP/1.1 SERVER_NAME localhost SERVER_PORT 443"
        + more
    )
    words = [word.encode() for word in text.split()]
    packet = b"".join(struct.pack("<H", len(word)) + word for word in words)
    return struct.pack("<BHB", 0, len(packet), 0) + packet
