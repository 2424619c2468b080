"""No byte of a photo reaches a disk, and the logs hold no more than docs/privacy.md says.

The kernel counts for every process the bytes that it writes to anything but memory. The tests'
stack has even its logs in memory, so that it has nothing to write at all: one byte is too many.
That this would notice a leak is shown on a stack that leaks.
"""

import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from deploy.testing.processes import children, family, written
from deploy.testing.stack import Stack, running_stack
from deploy.testing.waiting import until
from model.photo import MAX_BYTES
from tests.deploy.disk import is_memory
from tests.hostile.http import chunked, exchange, form, post
from tests.hostile.sources import sources
from tests.reliability.floods import break_off

MARK = b"these are pixels "
NAME = "private-name.jpg"
ADDRESS = "127.0.7.7"
PRIVATE = (MARK.decode(), "private", ADDRESS, "a description")
# around what nginx, uWSGI and Werkzeug hold in memory by default, up to and over the limit
SIZES = (2000, 8193, 16_385, 65_537, 500_001, 2**20 + 1, 5 * 2**20, MAX_BYTES)
TOO_LARGE = (MAX_BYTES + 1, 11 * 2**20, 13 * 2**20)

PATHS = {"/upload", "/v1/faces", "/v1/batch", "/readyz"}  # the last one: supervisor's health check
REQUEST_KEYS = {"time", "request_id", "method", "path", "status", "milliseconds", "key", "trace_id"}
PHOTO_KEYS = {"time", "request_id", "level", "logger", "message", "faces", "milliseconds"}
# what uWSGI logs, now and then, about a client that left halfway
LEFT = re.compile(r"\[uwsgi-body-read\] Error reading [\w :.-]* message: Client closed connection")
ACCESS_KEYS = {
    *("time", "request_id", "method", "path", "status", "bytes_in", "bytes_out", "seconds"),
    *("upstream_status", "upstream_seconds", "trace_id"),
}


def photo(size: int) -> bytes:
    """A photo of exactly this many bytes; decoders ignore what follows its end."""
    return (sources()["jpeg"] + MARK * (size // len(MARK)))[:size].ljust(size, b".")


def ways(size: int) -> Iterator[bytes]:
    """Requests with a photo of this size: to each route, as form and body, chunked and not."""
    data = photo(size)
    for path, body, type_ in (
        ("/upload", *form(data, name=NAME)),
        ("/v1/faces", *form(data, name=NAME)),
        ("/v1/faces", data, "image/jpeg"),
    ):
        about = "User-Agent: private-agent", "Referer: https://private/", "Accept: image/jpeg"
        yield post(path, body, type_, *about)
        yield chunked(f"{path}?private=query", body, type_)


def send(stack: Stack, request: bytes, hang_up: bool = False) -> str:
    return exchange(stack, request, ADDRESS, hang_up).answer


def send_and_break_off(stack: Stack, request: bytes) -> None:
    with stack.connect(ADDRESS) as tls:
        break_off(tls)
        tls.sendall(request)


class Logs:
    """What a stack's logs get from now on."""

    def __init__(self, stack: Stack):
        self._sizes = {log: log.stat().st_size for log in stack.logs.iterdir()}

    def read(self) -> dict[str, str]:
        """Log -> text."""
        sizes = self._sizes.items()
        return {log.name: log.read_bytes()[size:].decode(errors="replace") for log, size in sizes}

    def entries(self, name: str) -> list[dict]:
        lines = self.read()[name].splitlines()
        return [json.loads(line) for line in lines if not LEFT.fullmatch(line)]

    def leaks(self) -> list[str]:
        """What they say about the photos and their senders."""
        logs = self.read().items()
        return [f"{name}: {word}" for name, text in logs for word in PRIVATE if word in text]


def test_no_upload_reaches_a_disk_and_no_log_names_its_client(stack):
    assert is_memory(stack.logs)
    assert is_memory(stack.run)
    assert send(stack, next(ways(2000))) == "ok"
    logs, processes = Logs(stack), family(stack.supervisord())
    before = sum(map(written, processes))
    sent = 0
    for size in SIZES:
        for request in (*ways(size), post("/v1/batch", *form(photo(size), name=NAME))):
            assert send(stack, request) == "ok"
            sent += len(request)
    for size in TOO_LARGE:
        for request in ways(size):
            assert send(stack, request) == "too_large"
    for size in SIZES[2:]:
        for request in ways(size):
            assert send(stack, request[: len(request) // 2], hang_up=True) == "closed"
            send_and_break_off(stack, request[: len(request) // 3])
        send_and_break_off(stack, request)  # it is whole, but nobody waits for the answer
    assert sent > 9 * MAX_BYTES
    until(lambda: send(stack, next(ways(2000))) == "ok")
    after = family(stack.supervisord())
    assert set(processes) <= set(after)  # none died and took its count along
    assert sum(map(written, after)) == before
    assert logs.leaks() == []

    service, access = (logs.entries(name) for name in ("yanling.log", "yanling-access.log"))
    requests = [entry for entry in service if "path" in entry]
    photos = [entry for entry in service if "path" not in entry]
    assert {key for entry in requests for key in entry} == REQUEST_KEYS
    assert {entry["path"] for entry in requests} <= PATHS
    assert {key for entry in photos for key in entry} == PHOTO_KEYS
    assert {entry["message"] for entry in photos} == {"estimated"}
    assert {key for entry in access for key in entry} == ACCESS_KEYS


def test_a_leak_would_be_noticed(disk):
    """nginx, uWSGI and the spool each write a photo to a disk."""
    settings = {
        "BODIES": disk / "bodies",
        "BODY_BUFFER": "16k",
        "UWSGI_OPTIONS": f"--post-buffering 4096 --env TMPDIR={disk}",
        "SPOOL": disk / "spool",
    }
    with (
        tempfile.TemporaryDirectory(dir="/dev/shm") as folder,
        running_stack(Path(folder), settings) as stack,
    ):
        logs, masters = Logs(stack), [stack.nginx(), stack.master()]
        before = [sum(map(written, family(master))) for master in masters]
        assert send(stack, next(ways(100_000))) == "ok"
        after = [sum(map(written, family(master))) for master in masters]
        nginx, uwsgi = (now - then for now, then in zip(after, before, strict=True))
        assert nginx >= 100_000
        assert uwsgi >= 2 * 100_000
        assert logs.leaks() == []
        with (stack.logs / "yanling-access.log").open("a") as log:
            log.write(ADDRESS)
        assert logs.leaks() == [f"yanling-access.log: {ADDRESS}"]


def test_a_crash_would_not_dump_memory_to_a_disk(stack):
    """The hard limits, because the soft ones may be zero already where the tests run."""
    holders = [*family(stack.master()), *children(stack.nginx())]
    assert len(holders) >= 4
    for process in holders:
        limits = Path(f"/proc/{process}/limits").read_text()
        assert re.search(r"Max core file size +0 +0 ", limits), process
