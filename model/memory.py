"""A limit on the memory that a decoder may take."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USUAL = resource.getrlimit(resource.RLIMIT_DATA)
PAGE = resource.getpagesize()  # bytes


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
