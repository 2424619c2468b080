import ctypes
import logging
import os
import signal
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from mmap import PROT_EXEC, PROT_READ, mmap
from pathlib import Path

import numpy as np
import pytest

from app import decoder, sandbox
from app.decoder import Decoder
from deploy.testing import processes
from deploy.testing.photos import encode
from deploy.testing.waiting import until
from model import photo
from model.photo import PhotoError
from tests.hostile.bombs import heif_listing, png_claiming
from tests.hostile.sources import sources


@pytest.fixture
def decode():
    """A decoder of its own, whose child sees what the test has patched."""
    return Decoder().decode


def outcome(decode, data):
    try:
        found = decode(data)
    except PhotoError as error:
        return error.code, str(error)
    return found.width, found.height, found.pixels.tobytes()


def test_photos_come_out_of_the_sandbox_as_without_it(decode, astronaut):
    large = np.tile(astronaut, (5, 7, 1))
    photos = [
        *sources().values(),
        *(encode(astronaut, format) for format in ("WEBP", "HEIC", "AVIF", "TIFF", "GIF", "BMP")),
        encode(large),
        encode(large, "PNG"),
        *(encode(astronaut)[:size] for size in (0, 1, 20, 20_000)),
        png_claiming(60_000, 60_000),
        heif_listing(100_000),
        bytes(photo.MAX_BYTES + 1),
        b"no photo",
    ]
    for data in photos:
        assert outcome(decode, data) == outcome(photo.decode, data)


FORBIDDEN = {
    "read a file": lambda: Path("/etc/hostname").read_bytes(),
    "write a file": lambda: Path("/tmp/out-of-the-sandbox").write_bytes(b""),
    "list a folder": lambda: list(Path("/").iterdir()),
    "look whether a file exists": lambda: Path("/etc/hostname").stat(),
    "use the network": lambda: socket.socket(socket.AF_INET),
    "talk to other processes": lambda: socket.socket(socket.AF_UNIX),
    "start a process": lambda: os.fork(),
    "start a program": lambda: os.execv("/bin/true", ["true"]),
    "use a shell": lambda: subprocess.run(["true"], check=True),
    "kill another process": lambda: os.kill(os.getppid(), signal.SIGKILL),
    "write code": lambda: mmap(-1, 4096, prot=PROT_READ | PROT_EXEC),
    "look into another process": lambda: attach(os.getppid()),
}


def attach(process):
    """As a debugger does."""
    if ctypes.CDLL(None, use_errno=True).ptrace(16, process, None, None) < 0:
        raise OSError(ctypes.get_errno(), "ptrace")


@pytest.mark.parametrize("name", FORBIDDEN)
def test_the_sandbox_forbids_all_but_computing(name):
    read, write = os.pipe()
    if not (child := os.fork()):
        try:
            sandbox.enter()
            FORBIDDEN[name]()
            os.write(write, b"done")
        except PermissionError:
            os.write(write, b"forbidden")
        finally:
            os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    assert os.read(read, 10) == b"forbidden"
    os.close(read)


def crash(_data):
    os.abort()


def never_end(_data):
    while True:
        pass


def lie(*_):
    return b'{"shape": [100000, 100000], "width": 1, "height": 1}'


@pytest.mark.parametrize(
    ("where", "function", "detail"),
    [
        ("photo.decode_unlimited", crash, photo.BROKEN),
        ("photo.decode_unlimited", never_end, decoder.TOO_LONG),
        ("answer", lie, photo.BROKEN),
        ("answer", lambda *_: b"no JSON", photo.BROKEN),
    ],
)
def test_a_photo_that_ends_its_decoder_is_broken_and_the_next_one_is_read(
    decode, monkeypatch, portrait, where, function, detail
):
    with monkeypatch.context() as patched:
        patched.setattr(decoder, "CPU_SECONDS", 1)
        patched.setattr(f"app.decoder.{where}", function)
        assert outcome(decode, portrait) == ("bad_image", detail)
    assert outcome(decode, portrait) == outcome(photo.decode, portrait)


def test_threads_take_turns(decode, portrait, landscape):
    photos = [portrait, landscape] * 8
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda data: outcome(decode, data), photos))
    assert found == [outcome(photo.decode, data) for data in photos]


def test_nothing_of_a_photo_stays_in_the_shared_memory(portrait):
    child = decoder.start()
    for data in (portrait, portrait[:30_000], b"no photo"):
        outcome(partial(decoder.ask, child), data)
        assert not child.room.any()
    decoder.end(child)


def test_a_child_keeps_little_of_the_memory_that_a_photo_took(monkeypatch, portrait):
    """Whatever the decoder leaves on the heap below something that is still in use."""
    libc, answer = ctypes.CDLL(None), decoder.answer
    libc.malloc.restype, size = ctypes.c_void_p, 100_000

    def wasteful(room, used):
        *blocks, _ = [libc.malloc(size) for _ in range(2 * decoder.KEPT // size)]
        for block in blocks:
            ctypes.memset(block, 1, size)
            libc.free(ctypes.c_void_p(block))
        return answer(room, used)

    monkeypatch.setattr(decoder, "answer", wasteful)
    child = decoder.start()
    with Path(f"/proc/{child.pid}/statm").open("rb", buffering=0) as statm:
        before = decoder._own_memory(statm.fileno())
        decoder.ask(child, portrait)
        until(lambda: decoder._own_memory(statm.fileno()) < before + decoder.KEPT)
    decoder.end(child)


def test_the_child_has_none_of_the_workers_files_and_ends_with_it(portrait, tmp_path):
    read, write = os.pipe()
    if not (worker := os.fork()):
        with (tmp_path / "secret").open("wb"), socket.create_server(("127.0.0.1", 0)):
            decode = Decoder().decode
            decode(portrait)
            os.write(write, b"decoded")
            signal.pause()
    os.read(read, 7)
    (child,) = processes.children(worker)
    kinds = {str(file).partition(":")[0] for file in processes.open_files(child)}
    assert kinds == {"/dev/null", "socket", f"/proc/{child}/statm"}
    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)
    until(lambda: not processes.is_running(child))
    os.close(read)
    os.close(write)


def test_without_libseccomp_photos_are_decoded_and_the_log_says_so(
    decode, monkeypatch, portrait, caplog
):
    def absent(name):
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(sandbox.ctypes, "CDLL", absent)
    with caplog.at_level(logging.WARNING):
        decode(portrait)
    assert "libseccomp" in caplog.records[0].fields["reason"]


@pytest.mark.parametrize("times", [1, 2])
def test_a_decoder_that_is_killed_is_not_the_photos_fault(decode, monkeypatch, portrait, times):
    ask, kills = decoder.ask, iter([signal.SIGKILL] * times)

    def ask_the_killed(child, data):
        os.kill(child.pid, next(kills, 0))
        return ask(child, data)

    monkeypatch.setattr(decoder, "ask", ask_the_killed)
    if times == 2:
        with pytest.raises(ChildProcessError, match="killed"):
            decode(portrait)
    assert outcome(decode, portrait) == outcome(photo.decode, portrait)


def test_a_decoder_that_does_not_start_is_not_the_photos_fault(decode, monkeypatch, portrait):
    monkeypatch.setattr(decoder, "_shut_in", lambda *_: os._exit(3))
    with pytest.raises(ChildProcessError, match="exit code 3"):
        decode(portrait)
    monkeypatch.undo()
    assert outcome(decode, portrait) == outcome(photo.decode, portrait)
