"""The memory of this process: a limit, and what is free of it back to the system."""

import ctypes
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USUAL = resource.getrlimit(resource.RLIMIT_DATA)
PAGE = resource.getpagesize()  # bytes

_libc = ctypes.CDLL(None)


def limit(megabytes: int) -> None:
    """Let this process allocate this much more, now and later. Beyond it C libraries get no
    memory, which they report as an error, and Python raises MemoryError."""
    pages = int(Path("/proc/self/statm").read_text().split()[5])
    most = pages * PAGE + megabytes * 2**20
    soft, hard = USUAL
    if soft == resource.RLIM_INFINITY or most < soft:
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


@contextmanager
def at_most(megabytes: int) -> Iterator[None]:
    """`limit` inside the block."""
    limit(megabytes)
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, USUAL)


def trim() -> None:
    """Return to the system what is free: glibc keeps it otherwise."""
    _libc.malloc_trim(0)
