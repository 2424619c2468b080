"""Whole requests: wrk against nginx with TLS, uWSGI and the service.

wrk is Debian's package (deploy/programs.sh wrk:wrk); only this measurement needs it.
"""

import shutil
import sys
from functools import partial

from bench import machine
from bench.photos import photos
from bench.stack import stack
from bench.tables import Row, Table, command
from bench.turns import progress
from bench.wrk import Load, load
from deploy.testing.stack import Stack

CLIENTS = (1, 4, 16, 64)
WORKERS = 2
USUAL = "1 MP JPEG"
BY_PHOTO, BY_CLIENTS = "Whole requests by photo", "Whole requests by workers and clients"


def measure(seconds: int) -> list[Table]:
    """A row for each photo, and one for each number of workers and clients."""
    if not shutil.which("wrk"):
        sys.exit("wrk is missing: deploy/programs.sh wrk:wrk")
    with stack(1) as running:
        fire = partial(steady, running, seconds, machine.GENERATOR)
        names = progress(list(photos()), "requests by photo")
        by_photo = [photo_row(name, fire(name, 1), fire(name, 4)) for name in names]
        one = [fire(USUAL, clients) for clients in CLIENTS]
    with stack(WORKERS) as running:
        fire = partial(steady, running, seconds, set(machine.CORES))
        more = [fire(USUAL, clients) for clients in CLIENTS]
    by_clients = [
        load_row(workers, clients, seen, alone)
        for workers, loads in ((1, one), (WORKERS, more))
        for clients, seen, alone in zip(CLIENTS, loads, one, strict=True)
    ]
    return [
        Table(
            BY_PHOTO,
            "nginx with TLS, uWSGI and one worker, all on one core; wrk on another. Latency with "
            "one client, of which *outside* is what nginx, TLS and uWSGI add to the mean.",
            by_photo,
        ),
        Table(
            BY_CLIENTS,
            f"{USUAL}. One worker: the stack on one core, wrk on another. {WORKERS} workers: the "
            f"stack and wrk share {len(machine.CORES)} cores. CPU: in percent of one core; –: "
            "a worker ended meanwhile, as each does after so many requests.",
            by_clients,
        ),
    ]


def steady(stack: Stack, seconds: int, cores: set[int], name: str, clients: int) -> Load:
    """The load after a second of warming up."""
    load(stack, photos()[name], clients, 1, cores)
    # with more clients it takes longer until the latency is steady
    return load(stack, photos()[name], clients, seconds + clients // 4, cores)


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
        **{f"CPU of {name}": percent(seen, name) for name in ("uWSGI", "nginx", "wrk")},
    }


def percent(seen: Load, name: str) -> int | str:
    return round(100 * seen.cpu[name] / seen.seconds) if name in seen.cpu else "–"


if __name__ == "__main__":
    command(__doc__, measure, "--seconds", 8)
