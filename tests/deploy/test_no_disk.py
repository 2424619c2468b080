"""No byte of a photo reaches a disk, and the logs say no more than docs/privacy.md.

The kernel counts, for every process, the bytes that it has written to anything but memory. Here
the stack has its logs in memory as well, so it has nothing at all to write: one byte is too many.
That the count would notice is shown on stacks that were made to leak.
"""

import json
import re
import socket
import ssl
import struct
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from model.photo import MAX_BYTES
from tests.deploy.conftest import ROOT, Stack, house, running_stack, until
from tests.hostile.http import chunked, exchange, form, post
from tests.hostile.sources import sources

MARK = b"these are pixels "
NAME = "private-name.jpg"
ADDRESS = "127.0.7.7"
# around what nginx, uWSGI and Werkzeug would hold in memory by default, up to and over the limit
SIZES = (2000, 8193, 16_385, 65_537, 500_001, 2**20 + 1, 5 * 2**20, MAX_BYTES)
TOO_LARGE = (MAX_BYTES + 1, 11 * 2**20, 13 * 2**20)

PATHS = {"/upload", "/v1/faces", "/readyz"}  # the last one: supervisor's health check
REQUEST_KEYS = {"time", "request_id", "method", "path", "status", "milliseconds", "key"}
PHOTO_KEYS = {"time", "request_id", "level", "logger", "message", "faces", "milliseconds"}
# what uWSGI says of a client that left half-way, now and then
LEFT = re.compile(r"\[uwsgi-body-read\] Error reading [\w :.-]* message: Client closed connection")
ACCESS_KEYS = {
    *("time", "request_id", "method", "path", "status", "bytes_in", "bytes_out", "seconds"),
    *("upstream_status", "upstream_seconds"),
}


def is_memory(folder: Path) -> bool:
    lines = [line.split() for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    mounts = {line[4]: line[line.index("-") + 1] for line in lines}
    holding = [mount for mount in mounts if folder.resolve().is_relative_to(mount)]
    return mounts[max(holding, key=len)] in ("tmpfs", "ramfs")


def family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in family(int(child)))]


def written(stack: Stack) -> int:
    """Bytes that all processes of the stack have given to a disk so far, also those that are no
    more: the kernel adds a dead child's count to its parent's."""
    supervisord = int((stack.run / "supervisord.pid").read_text())
    counts = [Path(f"/proc/{pid}/io").read_text() for pid in family(supervisord)]
    return sum(int(re.search(r"^write_bytes: (\d+)", count, re.M)[1]) for count in counts)


def photo(size: int) -> bytes:
    """A photo of exactly so many bytes; viewers ignore what follows its end."""
    return (sources()["jpeg"] + MARK * (size // len(MARK)))[:size].ljust(size, b".")


def ways(size: int) -> Iterator[bytes]:
    data = photo(size)
    for path, body, type_ in (
        ("/upload", *form(data, NAME)),
        ("/v1/faces", *form(data, NAME)),
        ("/v1/faces", data, "image/jpeg"),
    ):
        yield post(path, body, type_, "User-Agent: private-agent", "Referer: https://private/")
        yield chunked(f"{path}?private=query", body, type_)


class Sender:
    def __init__(self, stack: Stack):
        self.port = stack.https_port
        self.trust = ssl.create_default_context(cafile=stack.certificate)

    def send(self, request: bytes, hang_up: bool = False) -> str:
        return exchange(self.port, self.trust, request, source=ADDRESS, hang_up=hang_up).answer

    def break_off(self, request: bytes) -> None:
        """As a phone in a tunnel does: without a farewell."""
        with (
            socket.create_connection(("127.0.0.1", self.port), 10, (ADDRESS, 0)) as plain,
            self.trust.wrap_socket(plain, server_hostname="localhost") as tls,
        ):
            tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            tls.sendall(request)


@contextmanager
def in_memory(checkout: Path = ROOT) -> Iterator[Stack]:
    """A stack that has nothing of its own to write to a disk."""
    with (
        tempfile.TemporaryDirectory(dir="/dev/shm") as folder,
        running_stack(Path(folder), checkout) as stack,
    ):
        Sender(stack).send(next(ways(2000)))
        yield stack


def told(stack: Stack) -> list[str]:
    """What the logs say of those who sent the photos, beyond what is documented."""
    private = (MARK.decode(), "private", ADDRESS, "a description")
    texts = {log.name: log.read_text(errors="replace") for log in stack.logs.iterdir()}
    return [f"{name}: {word}" for name, text in texts.items() for word in private if word in text]


def test_no_upload_reaches_a_disk_or_tells_a_log_who_sent_it():
    with in_memory() as stack:
        assert is_memory(stack.logs)
        assert is_memory(stack.run)
        sender, before = Sender(stack), written(stack)
        logs = [stack.logs / "yanling.log", stack.logs / "yanling-access.log"]
        starts = [log.stat().st_size for log in logs]
        processes = family(int((stack.run / "supervisord.pid").read_text()))
        sent = 0
        for size in SIZES:
            for request in ways(size):
                assert sender.send(request) == "ok"
                sent += len(request)
        for size in TOO_LARGE:
            for request in ways(size):
                assert sender.send(request) == "too_large"
        for size in SIZES[2:]:
            for request in ways(size):
                assert sender.send(request[: len(request) // 2], hang_up=True) == "closed"
                sender.break_off(request[: len(request) // 3])
            sender.break_off(request)  # it is whole, but nobody waits for the answer
        assert sent > 9 * MAX_BYTES
        until(lambda: sender.send(next(ways(2000))) == "ok")
        assert written(stack) == before
        assert family(processes[0]) == processes  # nobody died with an account of its own
        assert told(stack) == []

        service, access = (
            [
                json.loads(line)
                for line in log.read_text()[start:].splitlines()
                if not LEFT.fullmatch(line)
            ]
            for log, start in zip(logs, starts, strict=True)
        )
        requests = [line for line in service if "path" in line]
        photos = [line for line in service if "path" not in line]
        assert {key for line in requests for key in line} == REQUEST_KEYS
        assert {line["path"] for line in requests} <= PATHS
        assert {key for line in photos for key in line} == PHOTO_KEYS
        assert {line["message"] for line in photos} == {"estimated"}
        assert {key for line in access for key in line} == ACCESS_KEYS
        assert not (stack.logs / "yanling-error.log").read_text().count(ADDRESS)


@contextmanager
def leaking(folder: Path, file: str, change: Callable[[str], str]) -> Iterator[Stack]:
    """The stack from a checkout with one file changed."""
    with in_memory(house(folder, {file: change})) as stack:
        yield stack


@pytest.fixture
def disk(tmp_path) -> Iterator[Path]:
    """A folder that is no memory, on hosts whose temporary folder is."""
    parent = tmp_path if not is_memory(tmp_path) else ROOT
    with tempfile.TemporaryDirectory(prefix=".disk-", dir=parent) as folder:
        yield Path(folder)


def nginx_spills(text: str, disk: Path) -> str:
    text = text.replace("client_body_buffer_size 64k", "client_body_buffer_size 16k")
    text = text.replace("@RUN@/nginx-bodies", str(disk))
    return text.replace("""'{"time":""", """'{"address":"$remote_addr","time":""")


def uwsgi_spills(text: str, disk: Path) -> str:
    return f"{text}\npost-buffering = 4096\nenv = TMPDIR={disk}\n"


def spool_on_disk(text: str, disk: Path) -> str:
    return text.replace("@RUN@/spool", str(disk / "spool"))


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("deploy/nginx/yanling.conf", nginx_spills),
        ("uwsgi.ini", uwsgi_spills),
        ("deploy/supervisor/yanling.conf", spool_on_disk),
    ],
)
def test_a_leak_would_be_noticed(tmp_path, disk, file, change):
    with leaking(tmp_path, file, lambda text: change(text, disk)) as stack:
        before = written(stack)
        assert Sender(stack).send(next(ways(100_000))) == "ok"
        assert written(stack) >= before + 100_000
        leaks = [f"yanling-access.log: {ADDRESS}"] if change is nginx_spills else []
        assert told(stack) == leaks


def test_a_crash_would_not_dump_memory_to_a_disk(stack):
    """Hard limits: those of whoever runs the tests may be zero anyway, but only softly."""
    master = stack.master()
    nginx = int((stack.run / "nginx.pid").read_text())
    holders = [*family(master), *family(nginx)[1:]]
    assert len(holders) >= 4
    for pid in holders:
        limits = Path(f"/proc/{pid}/limits").read_text()
        assert re.search(r"Max core file size +0 +0 ", limits), pid
