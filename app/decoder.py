"""Decodes photos in a child process that can do nothing else.

Decoders are written in C and read bytes that anyone may send. Each worker has a child for them, in
a sandbox (app/sandbox.py). A photo that crashes its decoder or keeps it busy costs that child: the
client is told that the photo is broken, and the next photo gets a new child. Where the kernel kills
the child because memory has run out, or an operator does, the photo is not to blame: a new child
tries once more.
"""

import json
import logging
import math
import mmap
import os
import resource
import signal
import socket
import time
from dataclasses import dataclass
from itertools import pairwise
from threading import Lock

import numpy as np

from app import sandbox
from model import memory, photo, tiff
from model.photo import Photo, PhotoError
from model.scaling import MOST_PIXELS
from model.timing import stage

CPU_SECONDS = 10  # for one photo; several times what the dearest one takes (docs/security.md)
ROOM = max(photo.MAX_BYTES, 3 * MOST_PIXELS)  # bytes, for the photo and then for its pixels
MESSAGE = 1024  # bytes, at most, of a question or an answer
# bytes that a child keeps: the next photo would wait for them, up to a fifth of its decoding
KEPT = 32 * 2**20
READY = "ready"
TOO_LONG = "The image takes too long to decode."

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Child:
    """`room` is memory that parent and child share: the photo goes in, its pixels come out."""

    pid: int
    line: socket.socket
    room: np.ndarray


class Decoder:
    """`model.photo.decode` in a child, which starts with the first photo. Safe to share between
    threads, and to fork as long as it has not decoded anything."""

    def __init__(self) -> None:
        self._child: Child | None = None
        self._lock = Lock()

    def __del__(self) -> None:
        if self._child:
            end(self._child)

    def decode(self, data: bytes) -> Photo:
        """Raises PhotoError, as `model.photo.decode` does, and ChildProcessError when the child
        does not start or is killed twice."""
        photo.refuse_by_size(data)
        with self._lock, stage("decode"):
            try:
                return self._decode(data)
            except ChildProcessError:
                return self._decode(data)

    def _decode(self, data: bytes) -> Photo:
        self._child = self._child or start()
        try:
            return ask(self._child, data)
        except PhotoError:
            raise
        except (EOFError, OSError, ValueError, LookupError, TypeError) as error:
            code = end(self._child)
            self._child = None
            log.warning("a photo ended its decoder", extra={"fields": {"status": code}})
            if code == -signal.SIGKILL and isinstance(error, EOFError | OSError):
                raise ChildProcessError("the decoder was killed") from None
            detail = TOO_LONG if code == -signal.SIGXCPU else photo.BROKEN
            raise PhotoError("bad_image", detail) from None


def start() -> Child:
    """Raises ChildProcessError when the child ends at once: no photo is to blame for that."""
    room = np.frombuffer(mmap.mmap(-1, ROOM), np.uint8)
    ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
    if pid := os.fork():
        theirs.close()
        child = Child(pid, ours, room)
        if not (said := ours.recv(MESSAGE).decode()):
            raise ChildProcessError(f"the decoder does not start: exit code {end(child)}")
        if said != READY:
            log.warning("decoders run without a sandbox", extra={"fields": {"reason": said}})
        return child
    try:
        statm = os.open("/proc/self/statm", os.O_RDONLY)  # the sandbox opens nothing
        theirs.send(_shut_in(theirs.fileno(), statm).encode())
        before = _own_memory(statm)
        while question := theirs.recv(MESSAGE):  # empty when the worker is gone
            theirs.send(answer(room, int(question)))
            if _own_memory(statm) > before + KEPT:
                memory.trim()  # nobody waits for this
    finally:
        os._exit(0)  # without the worker's own handlers


def ask(child: Child, data: bytes) -> Photo:
    """As `model.photo.decode`. Raises EOFError or OSError when the child is gone, and ValueError,
    LookupError or TypeError when its answer is none."""
    used = len(data)
    try:
        child.room[:used] = np.frombuffer(data, np.uint8)
        child.line.send(b"%d" % used)
        if not (said := child.line.recv(MESSAGE)):
            raise EOFError
        found = json.loads(said)
        if "code" in found:
            raise PhotoError(found["code"], found["detail"])
        height, width = found["shape"]
        used = max(used, size := height * width * 3)
        pixels = child.room[:size].copy()
        return Photo(pixels.reshape(height, width, 3), found["width"], found["height"])
    finally:
        child.room[:used] = 0  # nothing of a photo stays


def end(child: Child) -> int:
    """Kill the child unless it has died. Returns its exit code, negative for a signal."""
    os.kill(child.pid, signal.SIGKILL)  # until it is waited for, its number is nobody else's
    child.line.close()
    _, status = os.waitpid(child.pid, 0)
    return os.waitstatus_to_exitcode(status)


def _own_memory(statm: int) -> int:
    """Bytes of memory that this process shares with no other; `statm`: proc(5)'s file, open."""
    os.lseek(statm, 0, os.SEEK_SET)
    _, resident, shared, *_ = os.read(statm, MESSAGE).split()
    return (int(resident) - int(shared)) * resource.getpagesize()


def _shut_in(*files: int) -> str:
    """Keep none of the worker's open files but `files`, and enter the sandbox; returns READY, or
    why there is none. The worker's signals are not for this process: it ends when the worker
    closes the line."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    for stream in (0, 1, 2):
        os.dup2(tiff.NOWHERE, stream)
    kept = sorted({0, 1, 2, tiff.NOWHERE, *files})
    for low, high in pairwise([*kept, os.sysconf("SC_OPEN_MAX")]):
        os.closerange(low + 1, high)
    memory.limit(photo.MEGABYTES)
    try:
        sandbox.enter()
    except OSError as error:
        return str(error)
    return READY


def answer(room: np.ndarray, size: int) -> bytes:
    """Decode the photo of `size` bytes in `room` and put its pixels there."""
    seconds = math.ceil(time.process_time()) + CPU_SECONDS
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if hard == resource.RLIM_INFINITY or seconds < hard:  # a host's own, lower limit stays
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, hard))
    try:
        found = photo.decode_unlimited(room[:size].tobytes())
    except PhotoError as error:
        return json.dumps({"code": error.code, "detail": str(error)}).encode()
    room[: found.pixels.size] = found.pixels.ravel()
    height, width, _ = found.pixels.shape
    facts = {"shape": (height, width), "width": found.width, "height": found.height}
    return json.dumps(facts).encode()
