"""The real stack for measurements, with a number of workers on a set of cores."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench import machine
from deploy.testing.stack import Stack, running_stack


@contextmanager
def stack(workers: int, lazy: bool = False) -> Iterator[Stack]:
    """With one worker all of it runs on one core; with more, on every core. `lazy`: each worker
    loads the model itself."""
    settings = {
        "UWSGI_OPTIONS": f"--processes {workers}" + " --lazy-apps" * lazy,
        # wrk has one address, which must not meet the limits for one address
        "REQUEST_RATE": "100000r/s",
        "QUEUE_BACKLOG": 128,
    }
    cores = machine.SERVICE if workers == 1 else set(machine.CORES)
    with tempfile.TemporaryDirectory() as name, ExitStack() as exits:
        with machine.on(cores):
            running = exits.enter_context(running_stack(Path(name), settings))
        yield running
