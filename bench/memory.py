"""What the stack weighs, and how fast it is there: after exec, and after a worker's death.

    python -m bench.memory [--repeats 10]

Of the real stack, with one worker and with two, and with two that share no pages.
"""

import os
import signal
import statistics
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import track

from bench import machine, report
from bench.load import Client
from bench.photos import content_type, photos
from bench.processes import family, pss
from bench.report import Row, Table
from bench.stacks import nginx, stack, supervisord
from tests.conftest import ROOT, free_ports
from tests.deploy.conftest import Stack, until

# workers, and whether each loads the model for itself
WAYS = ((1, False), (2, False), (2, True))


def measure(repeats: int) -> list[Table]:
    """MB by process, and seconds until ready."""
    weights, deaths = [], []
    for workers, lazy in WAYS:
        with stack(workers, lazy) as running:
            for _ in track(range(3), f"memory, {workers} workers", console=Console(stderr=True)):
                everything(running, workers)
            loaded = "by each worker" if lazy else "once"
            weights.append({"workers": workers, "model loaded": loaded, **weigh(running)})
            if workers == 1:
                deaths = [death(running) for _ in range(repeats)]
    starts = [start() for _ in track(range(repeats), "starts", console=Console(stderr=True))]
    return [
        Table(
            "Memory, MB",
            "Proportional set size (PSS: a shared page counts by parts) after every kind of photo "
            "was sent to every worker. *A worker*: the largest.",
            weights,
        ),
        Table(
            "Start, seconds",
            "On one core. *Start*: from exec of uWSGI to the first 200 of /readyz. *Respawn*: from "
            "SIGKILL of the only worker to the next 200 through nginx.",
            [seconds("start", starts), seconds("respawn", deaths)],
        ),
    ]


def everything(stack: Stack, workers: int) -> None:
    """Each photo to each worker, or nearly: as many at once as there are workers."""
    for photo in photos().values():
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(lambda _, photo=photo: upload(stack, photo), range(2 * workers)))


def upload(stack: Stack, photo: bytes) -> None:
    with closing(Client(stack)) as client:
        answer = client.upload(photo, content_type(photo))
    if answer.status != 200:
        raise RuntimeError(f"the stack answered {answer}")


def weigh(stack: Stack) -> Row:
    root, master, web = supervisord(stack), stack.master(), nginx(stack)
    workers = stack.workers(master)
    others = set(family(root)) - set(family(master)) - set(family(web))
    weights = {
        "a worker": max(map(pss, workers)),
        "all workers": sum(map(pss, workers)),
        "uWSGI's master": pss(master),
        "nginx": sum(map(pss, family(web))),
        "supervisord and its health check": sum(map(pss, others)),
        "the whole stack": sum(map(pss, family(root))),
    }
    return {name: round(mb) for name, mb in weights.items()}


def death(stack: Stack) -> float:
    (worker,) = stack.workers(stack.master())
    os.kill(worker, signal.SIGKILL)
    killed = time.monotonic()
    until(stack.is_ready)
    return time.monotonic() - killed


def start() -> float:
    """Of the service alone, as `make serve` does it."""
    with TemporaryDirectory() as folder, machine.on(machine.SERVICE):
        (port,) = free_ports(1)
        began = time.monotonic()
        with service(port, folder):
            until(lambda: answers(f"http://127.0.0.1:{port}/readyz"))
            return time.monotonic() - began


@contextmanager
def service(port: int, folder: str) -> Iterator[None]:
    uwsgi = ROOT / ".venv" / "bin" / "uwsgi"
    command = [str(uwsgi), "--ini", str(ROOT / "uwsgi.ini"), "--http", f"127.0.0.1:{port}"]
    environment = {**os.environ, "YANLING_SPOOL": f"{folder}/spool"}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=60) as reply:
            return reply.status == 200
    except OSError:  # no socket yet, or nobody behind it
        return False


def seconds(what: str, values: Sequence[float]) -> Row:
    return {
        "what": what,
        "median": round(statistics.median(values), 2),
        "longest": round(max(values), 2),
        "times": len(values),
    }


if __name__ == "__main__":
    report.command(__doc__, measure, "--repeats", 10)
