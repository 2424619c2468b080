"""Memory of the real stack by process, time until it is ready and time to replace a killed worker.

Measured with one worker, with two, and with two that share no pages.
"""

import os
import signal
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import machine
from bench.photos import content_type, photos
from bench.stack import stack
from bench.tables import Row, Table, command
from bench.turns import progress
from deploy.testing.clients import Client
from deploy.testing.ports import free_ports
from deploy.testing.processes import family, pss
from deploy.testing.service import serving
from deploy.testing.stack import Stack
from deploy.testing.waiting import until

MEMORY, START = "Memory, MB", "Start, seconds"
# number of workers, and whether each loads the model itself
WAYS = ((1, False), (2, False), (2, True))


def measure(repeats: int) -> list[Table]:
    """MB by process, and seconds until ready."""
    weights, deaths = [], []
    for workers, lazy in WAYS:
        with stack(workers, lazy) as running:
            for _ in progress(range(3), f"memory, {workers} workers"):
                upload_all(running, workers)
            loaded = "by each worker" if lazy else "once"
            weights.append({"workers": workers, "model loaded": loaded, **weigh(running)})
            if workers == 1:
                deaths = [respawn(running) for _ in range(repeats)]
    starts = [start() for _ in progress(range(repeats), "starts")]
    return [
        Table(
            MEMORY,
            "Proportional set size (PSS: shared pages are divided among the processes that share "
            "them) after every photo was sent to every worker. *A worker*: the largest.",
            weights,
        ),
        Table(
            START,
            "On one core. *Start*: from exec of uWSGI to the first 200 of /readyz. *Respawn*: from "
            "SIGKILL of the only worker to the next 200 through nginx.",
            [seconds("start", starts), seconds("respawn", deaths)],
        ),
    ]


def upload_all(stack: Stack, workers: int) -> None:
    """Send each photo as often as needed to reach (almost surely) each worker."""
    for photo in photos().values():
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(lambda _, photo=photo: upload(stack, photo), range(2 * workers)))


def upload(stack: Stack, photo: bytes) -> None:
    with closing(Client(stack)) as client:
        answer = client.upload(photo, content_type(photo))
    if answer.status != 200:
        raise RuntimeError(f"the stack answered {answer}")


def weigh(stack: Stack) -> Row:
    """MB of PSS of each part of the stack."""
    root, master, web = stack.supervisord(), stack.master(), stack.nginx()
    workers = [family(worker) for worker in stack.workers()]  # each with its decoder
    others = set(family(root)) - set(family(master)) - set(family(web))
    weights = {
        "a worker": max(sum(map(pss, each)) for each in workers),
        "all workers": sum(sum(map(pss, each)) for each in workers),
        "uWSGI's master": pss(master),
        "nginx": sum(map(pss, family(web))),
        "supervisord and its health check": sum(map(pss, others)),
        "the whole stack": sum(map(pss, family(root))),
    }
    return {name: round(mb) for name, mb in weights.items()}


def respawn(stack: Stack) -> float:
    """Seconds from the death of the only worker to the next answer."""
    (worker,) = stack.workers()
    os.kill(worker, signal.SIGKILL)
    killed = time.monotonic()
    until(stack.is_ready)
    return time.monotonic() - killed


def start() -> float:
    """Seconds until the service alone, as `make serve` starts it, is ready."""
    (port,) = free_ports(1)
    with TemporaryDirectory() as folder, machine.on(machine.SERVICE):
        began = time.monotonic()
        with serving(port, Path(folder) / "spool"):
            return time.monotonic() - began


def seconds(what: str, values: Sequence[float]) -> Row:
    median, longest = round(statistics.median(values), 2), round(max(values), 2)
    return {"what": what, "median": median, "longest": longest, "times": len(values)}


if __name__ == "__main__":
    command(__doc__, measure, "--repeats", 10)
