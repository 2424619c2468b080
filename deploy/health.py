"""The health check: restarts what runs but does not answer, uWSGI or nginx; never the other one.

    python3 deploy/health.py UWSGI NGINX_LISTEN NGINX_PID SECONDS

Supervisor runs it beside uWSGI, which has UWSGI.sock and UWSGI.pid. Every SECONDS it asks uWSGI by
its socket, and nginx for its counters. One that fails twice, or is silent for too long, is ended;
then supervisor starts uWSGI again, systemd nginx. Counts by the monotonic clock. Needs no library.
"""

import os
import select
import signal
import socket
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

# seconds for an answer
UWSGI_PATIENCE = 60  # twice what it takes when the queue is full
NGINX_PATIENCE = 20  # it asks nobody else
MERCY = 10  # seconds to end by itself

READYZ = (
    b"REQUEST_METHOD GET REQUEST_URI /readyz PATH_INFO /readyz "
    b"SERVER_PROTOCOL HTTP/1.0 SERVER_NAME localhost SERVER_PORT 80"
)
NGINX = b"GET /nginx HTTP/1.0\r\n\r\n"


def ask_uwsgi(path: str) -> None:
    """GET /readyz in uWSGI's own protocol. Raises OSError unless the answer is 200."""
    packet = b"".join(struct.pack("<H", len(word)) + word for word in READYZ.split())
    with socket.socket(socket.AF_UNIX) as uwsgi:
        uwsgi.settimeout(UWSGI_PATIENCE)
        uwsgi.connect(path)
        expect_200(uwsgi, struct.pack("<BHB", 0, len(packet), 0) + packet)


def ask_nginx(listen: str) -> None:
    """GET /nginx. Raises OSError unless the answer is 200."""
    address, _, port = listen.split()[0].rpartition(":")
    with socket.create_connection((address.strip("[]"), int(port)), NGINX_PATIENCE) as nginx:
        expect_200(nginx, NGINX)


class Pulse:
    """Whether uWSGI's master still runs; it wakes every second. Without it workers serve on, but
    nobody replaces them."""

    _last = ""

    def check(self, pid: int | None) -> None:
        """Raises OSError when it has not run at all since the last check."""
        status = Path(f"/proc/{pid}/status").read_text()
        now = f"{pid}:{status.partition('voluntary_ctxt_switches')[2]}"
        if now == self._last:
            raise OSError("its master hangs")
        self._last = now


def expect_200(server: socket.socket, request: bytes) -> None:
    server.sendall(request)
    line = server.recv(4096).partition(b"\r\n")[0]
    if b" 200 " not in line:
        raise OSError(f"the answer is {line!r}")


def is_sick(name: str, ask: Callable[[], None], pause: float) -> bool:
    """Whether it fails twice or is silent for too long."""
    for attempt in range(2):
        if attempt:
            wait(pause)
        try:
            ask()
            return False
        except PermissionError:  # NGINX_LISTEN is not on localhost: systemd forbids to ask
            return False
        except TimeoutError:
            print(f"{name} is silent", file=sys.stderr, flush=True)
            return True
        except OSError as error:
            print(f"{name}: {error}", file=sys.stderr, flush=True)
    return True


def wait(seconds: float) -> None:
    """time.sleep() asks for a point in time, which libfaketime, in our tests, gets wrong."""
    select.select([], [], [], seconds)


def uwsgi_master(file: str) -> int | None:
    """The process in uWSGI's PID file. The service's user can write there, and root reads it: only
    a child of supervisord, our own parent, counts."""
    supervisord = os.getppid()
    children = Path(f"/proc/{supervisord}/task/{supervisord}/children").read_text().split()
    pid = process(file)
    return pid if str(pid) in children else None


def process(file: str) -> int | None:
    """The process in a PID file, if there is one."""
    with suppress(FileNotFoundError, ProcessLookupError, ValueError):
        os.kill(pid := int(Path(file).read_text()), 0)
        return pid
    return None


def end(pid: int) -> None:
    """With SIGTERM, or SIGKILL when that does not help."""
    process = os.pidfd_open(pid)
    try:
        signal.pidfd_send_signal(process, signal.SIGTERM)
        if not select.select([process], [], [], MERCY)[0]:
            signal.pidfd_send_signal(process, signal.SIGKILL)
    finally:
        os.close(process)


def main(uwsgi: str, listen: str, file: str, seconds: str) -> None:
    pause, pulse = float(seconds), Pulse()

    def ask_both() -> None:
        pulse.check(uwsgi_master(f"{uwsgi}.pid"))
        ask_uwsgi(f"{uwsgi}.sock")

    parts = (
        ("uWSGI", lambda: uwsgi_master(f"{uwsgi}.pid"), ask_both),
        ("nginx", lambda: process(file), lambda: ask_nginx(listen)),
    )
    while True:
        for name, find, ask in parts:
            # none is running: whoever stopped it, or starts it, is at work
            if (pid := find()) and is_sick(name, ask, pause) and pid == find():
                print(f"{name} is restarted", file=sys.stderr, flush=True)
                with suppress(ProcessLookupError):
                    end(pid)
        wait(pause)


if __name__ == "__main__":
    main(*sys.argv[1:])
