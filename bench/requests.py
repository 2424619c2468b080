"""Whole requests: wrk against nginx with TLS, uWSGI and the service.

    deploy/programs.sh wrk:wrk
    python -m bench.requests [--seconds 8]

wrk is from Debian; nothing but these measurements needs it.
"""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress

from bench import machine, report
from bench.photos import photos
from bench.report import Row, Table
from bench.stacks import stack
from bench.wrk import Load, load

CLIENTS = (1, 4, 16, 64)
WORKERS = 2
USUAL = "1 MP JPEG"
Fire = Callable[[str, int], Load]  # a photo's name, how many clients


def measure(seconds: int) -> list[Table]:
    """A row a photo, and a row a number of workers and of clients."""
    if not shutil.which("wrk"):
        sys.exit("wrk is missing: deploy/programs.sh wrk:wrk")
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("whole requests", total=2 * (len(photos()) + len(CLIENTS)))

        def step() -> None:
            progress.advance(task)

        with firing(1, seconds, step) as fire:
            by_photo = [photo_row(name, fire(name, 1), fire(name, 4)) for name in photos()]
            one = [fire(USUAL, clients) for clients in CLIENTS]
        with firing(WORKERS, seconds, step) as fire:
            more = [fire(USUAL, clients) for clients in CLIENTS]
    by_clients = [
        load_row(workers, clients, seen, alone)
        for workers, loads in ((1, one), (WORKERS, more))
        for clients, seen, alone in zip(CLIENTS, loads, one, strict=True)
    ]
    return [
        Table(
            "Whole requests by photo",
            "nginx with TLS, uWSGI and one worker, all on one core; wrk on another. Latency with "
            "one client, of which *outside* is what nginx, TLS and uWSGI add to the mean.",
            by_photo,
        ),
        Table(
            "Whole requests by workers and clients",
            f"{USUAL}. One worker: the stack on one core, wrk on another. {WORKERS} workers: the "
            f"stack and wrk share {len(machine.CORES)} cores. CPU: in percent of one core.",
            by_clients,
        ),
    ]


@contextmanager
def firing(workers: int, seconds: int, step: Callable[[], None]) -> Iterator[Fire]:
    """A stack, and what puts it under load."""
    cores = machine.GENERATOR if workers == 1 else set(machine.CORES)
    with stack(workers) as running:

        def fire(name: str, clients: int) -> Load:
            load(running, photos()[name], clients, 1, cores)  # warm
            # the more clients, the longer until all wait as long as they always will
            seen = load(running, photos()[name], clients, seconds + clients // 4, cores)
            step()
            return seen

        yield fire


def photo_row(name: str, one: Load, four: Load) -> Row:
    return {
        "photo": name,
        "median ms": round(one.median, 1),
        "p99 ms": round(one.p99, 1),
        "outside ms": round(one.mean - one.inside, 1),
        "photos/s": round(one.rate, 1),
        "photos/s, four clients": round(four.rate, 1),
        "failed": one.failed + four.failed,
    }


def load_row(workers: int, clients: int, seen: Load, alone: Load) -> Row:
    """`alone`: the same load with one worker."""
    return {
        "workers": workers,
        "clients": clients,
        "photos/s": round(seen.rate, 1),
        "times one worker": round(seen.rate / alone.rate, 2),
        "median ms": round(seen.median, 1),
        "p99 ms": round(seen.p99, 1),
        "failed": seen.failed,
        **{f"CPU of {who}": round(100 * spent / seen.seconds) for who, spent in seen.cpu.items()},
    }


if __name__ == "__main__":
    report.command(__doc__, measure, "--seconds", 8)
