"""Count what nginx refuses itself, for Prometheus.

    .venv/bin/python deploy/refusals.py RUN

The service never sees these requests, so its own counters do not have them. nginx sends a datagram
with the reason of each refusal to RUN/refusals.sock, as to a syslog server, and serves the counts,
which are in RUN/nginx.prom. When more arrive than this process can count, some are lost.
"""

import socket
import sys
from pathlib import Path
from time import monotonic

from prometheus_client import CollectorRegistry, Counter, write_to_textfile

REASONS = ("rate", "connections", "busy", "timeout", "too_large", "slow", "bad_request")
EVERY = 1  # s between two writes of the counts


def main(run: Path) -> None:
    registry, counter = counts()
    path, out, written = run / "refusals.sock", run / "nginx.prom", 0.0
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(path))
        path.chmod(0o660)
        server.settimeout(EVERY)
        while True:
            if monotonic() - written >= EVERY:
                write_to_textfile(str(out), registry)
                written = monotonic()
            try:
                record(counter, server.recv(512))
            except TimeoutError:
                continue


def counts() -> tuple[CollectorRegistry, Counter]:
    """Every reason is there from the start, with a count of 0."""
    registry = CollectorRegistry()
    counter = Counter(
        "yanling_nginx_refusals",
        "Requests that nginx refused itself, by reason",
        ["reason"],
        registry=registry,
    )
    for reason in REASONS:
        counter.labels(reason)
    return registry, counter


def record(counter: Counter, message: bytes) -> None:
    """Count a message in syslog's form, `<190>Nov 28 20:42:16 nginx: REASON`."""
    reason = message.decode(errors="replace").rpartition(": ")[2]
    if reason in REASONS:
        counter.labels(reason).inc()


if __name__ == "__main__":
    match sys.argv[1:]:
        case [run] if not run.startswith("-"):
            main(Path(run))
        case _:
            sys.exit(__doc__)
