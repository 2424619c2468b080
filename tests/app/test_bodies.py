"""No body costs a worker much more than a photo, whatever its type and shape."""

import http.client
import json
import socket
import urllib.request
from contextlib import suppress

import pytest

from deploy.testing.photos import crowd
from deploy.testing.processes import children, cpu, forget_peak, peak
from deploy.testing.service import master
from deploy.testing.waiting import until
from tests.hostile.bodies import bodies, chunks

SECONDS = 8  # times a photo's; such a body used to take 50 to 300
MEGABYTES = 64  # more than a photo's; it used to be 450


class Cost:
    """What the service's workers have spent since."""

    def __init__(self, url):
        self.workers = children(master(url))
        self._before = self._cpu()
        for worker in self.workers:
            forget_peak(worker)

    def _cpu(self):
        return sum(map(cpu, self.workers))

    @property
    def seconds(self):
        return self._cpu() - self._before

    @property
    def megabytes(self):
        return max(map(peak, self.workers))


def post(url, path, kind, body):
    """Status and code of the answer."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=180)
    connection.request("POST", path, body, {"Content-Type": kind} if kind else {})
    with connection.getresponse() as answer:
        found = answer.status, json.loads(answer.read()).get("code")
    connection.close()
    return found


@pytest.fixture(scope="module")
def photo(service):
    """What a photo of five faces costs."""
    post(service, "/v1/faces", "image/jpeg", crowd())
    cost = Cost(service)
    assert post(service, "/v1/faces", "image/jpeg", crowd()) == (200, None)
    return cost.seconds, cost.megabytes


def is_idle(url):
    """Whether no worker has a request but the one that answers this."""
    with urllib.request.urlopen(f"{url}/metrics") as answer:
        return b"yanling_workers_busy 1.0" in answer.read()


def dearer(cost, photo, workers):
    """What is too much; empty when nothing is."""
    seconds, megabytes = photo
    found = [f"{cost.seconds:.2f} s"] if cost.seconds > SECONDS * seconds else []
    found += [f"{cost.megabytes:.0f} MB"] if cost.megabytes > megabytes + MEGABYTES else []
    return found + ([] if cost.workers == workers else ["a worker died"])


def test_a_body_of_any_type_and_shape_costs_little_more_than_a_photo(service, photo):
    workers, wrong = children(master(service)), []
    for name, path, kind, body in bodies():
        cost = Cost(service)
        status, code = post(service, path, kind, body)
        wrong += [(name, found) for found in dearer(cost, photo, workers)]
        wrong += [(name, status, code)] if not 400 <= status < 500 else []
        foreign = path == "/upload" and kind and "form-data" not in kind
        wrong += [(name, code)] if foreign and status != 415 else []
    assert wrong == []
    assert children(master(service)) == workers


@pytest.mark.parametrize("path", ["/v1/faces", "/nowhere"])
@pytest.mark.parametrize("size", [1, 100, 10_000])
def test_a_body_in_chunks_of_any_size_costs_little_more_than_a_photo(service, photo, path, size):
    workers, cost = children(master(service)), Cost(service)
    host, port = service.removeprefix("http://").split(":")
    head = f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: image/x\r\n"
    with socket.create_connection((host, int(port)), timeout=180) as client, suppress(OSError):
        client.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        for piece in chunks(size):
            client.sendall(piece)
        while client.recv(4096):
            pass
    until(lambda: is_idle(service))
    assert dearer(cost, photo, workers) == []
    assert children(master(service)) == workers
