"""uWSGI's Python module, which exists only inside uWSGI; None under any other server. And where
uWSGI listens."""

import os
import re
import socket
import struct
from contextlib import suppress
from functools import cache
from pathlib import Path

try:
    import uwsgi
except ImportError:
    uwsgi = None

__all__ = ["address", "backlog", "listening", "uwsgi"]

UNACKED = 24  # where struct tcp_info has tcpi_unacked, which of a listening socket is the backlog


def address() -> str:
    """Where uWSGI listens for HTTP, such as 127.0.0.1-8081, for the name of a file; empty when it
    does not."""
    options = uwsgi.opt if uwsgi else {}
    listens = options.get("http-socket") or options.get("http") or b""
    first = listens if isinstance(listens, bytes) else listens[0]
    return re.sub(r"[^\w.]+", "-", first.decode()).strip("-")


@cache
def listening() -> list[int]:
    """The file descriptors of the sockets on which uWSGI listens."""
    found = []
    for descriptor in [int(link.name) for link in Path("/proc/self/fd").iterdir()]:
        with suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as copy:
            if copy.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                found.append(descriptor)
    return found


def backlog() -> int | None:
    """How many connections wait in the fullest of the TCP sockets on which uWSGI listens; None
    without one. Linux does not tell this of Unix sockets."""
    found: list[int] = []
    for descriptor in listening():
        with socket.socket(fileno=os.dup(descriptor)) as copy:
            if copy.family != socket.AF_UNIX:
                facts = copy.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, UNACKED + 4)
                found += struct.unpack_from("I", facts, UNACKED)
    return max(found, default=None)
