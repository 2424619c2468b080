"""A limit on the memory that a decoder may take."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USUAL = resource.getrlimit(resource.RLIMIT_DATA)
PAGE = resource.getpagesize()  # bytes


@contextmanager
def at_most(megabytes: int) -> Iterator[None]:
    """Let this process allocate this much more inside the block. Beyond it C libraries get no
    memory, which they report as an error, and Python raises MemoryError."""
    pages = int(Path("/proc/self/statm").read_text().split()[5])
    limit = pages * PAGE + megabytes * 2**20
    soft, hard = USUAL
    if soft == resource.RLIM_INFINITY or limit < soft:
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, USUAL)
