"""What the host may do to the service: set the clock, or have no room left for logs."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from deploy.testing.clients import failures, load, longest, statuses
from deploy.testing.photos import portrait
from deploy.testing.stack import Stack, running_stack
from deploy.testing.waiting import until
from tests.reliability.faults import LOST, fill, kill_master, lost, replace_workers
from tests.reliability.results import Finding

HOURS = (3, -3, 24, 0)  # from the true time; each jump is the difference to the one before


class Clock:
    """The clock of processes that were started with `environment`, by Debian's faketime."""

    def __init__(self, file: Path):
        self._file = file
        self.set(0)
        library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        self.environment = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # as when the kernel's clock is set
            "NO_FAKE_STAT": "1",
        }

    def set(self, hours: float) -> None:
        """Jump to `hours` from the true time."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{hours:+g}h\n")
        new.replace(self._file)


@contextmanager
def stack_with_clock(folder: Path) -> Iterator[tuple[Stack, Clock]]:
    """`make stack` in a folder that is made, with a clock of its own."""
    folder.mkdir(exist_ok=True)
    clock = Clock(folder / "clock")
    kept = "".join(f"env {name};" for name in clock.environment)  # nginx drops other variables
    options = {"NGINX_OPTIONS": f"-g '{kept}'"}
    with running_stack(folder / "stack", options, clock.environment) as stack:
        yield stack, clock


def jumping_clock(folder: Path) -> Finding:
    """On a stack of its own in `folder`."""
    with stack_with_clock(folder) as (stack, clock):
        return set_clock(stack, clock)


def set_clock(stack: Stack, clock: Clock, jumps: Sequence[float] = HOURS) -> Finding:
    """After each jump the health check reloads uWSGI (app/clock.py). At the end uWSGI's master must
    notice a touched file."""
    stack.wait_for_start()
    master = stack.master()
    with load(stack, [portrait()]) as answers:
        for hours in jumps:
            await_reload(stack, partial(clock.set, hours))
            until(partial(have_time, stack, hours))
        replace_workers(stack, stack.reload)
    fault = f"the clock jumps {len(jumps)} times, by 3 to 27 hours"
    counts = {"failures": (failures(answers), 0), "masters lost": (stack.master() != master, 0)}
    return Finding(fault, counts, {"longest wait, s": (longest(answers), 10)}, statuses(answers))


def await_reload(stack: Stack, order: Callable[[], object]) -> None:
    """Give an order, and wait until uWSGI's master has begun anew. New workers alone would prove
    nothing: harakiri, by the host's clock, replaces them too."""
    before = reloads(stack)
    order()
    until(lambda: reloads(stack) > before)


def reloads(stack: Stack) -> int:
    """How often uWSGI's master has begun, or begun anew."""
    return (stack.logs / "yanling.log").read_bytes().count(b"spawned uWSGI master process")


def logs(stack: Stack) -> list[Path]:
    """nginx's and uWSGI's, which have a line for each request."""
    return [stack.logs / "yanling-access.log", stack.logs / "yanling.log"]


def have_time(stack: Stack, hours: float) -> bool:
    """Whether the last line of each log was written at `hours` from the true time."""
    times = [datetime.now() + timedelta(hours=hours, seconds=ago) for ago in (0, -10)]
    last = [log.read_text().splitlines()[-1] for log in logs(stack)]
    return all(any(f"{time:%Y-%m-%dT%H}" in line for time in times) for line in last)


def full_logs(stack: Stack, seconds: float = 20) -> Finding:
    """The logs must lie on a small file system. A worker and the master are killed as well."""
    workers, hog = stack.workers(), stack.logs / "hog"
    fill(hog)
    with load(stack, [portrait()]) as answers:
        time.sleep(seconds)
    os.kill(min(workers), signal.SIGKILL)
    with load(stack, [portrait()], pause=0.1) as restarted:
        kill_master(stack)
    hog.unlink()
    time.sleep(1.1)  # nginx tries again in the next second
    number = stack.curl("/v1/faces", "-X", "POST").headers["x-request-id"]
    time.sleep(1)
    silent = sum(number not in log.read_text(errors="replace") for log in logs(stack))
    counts = {
        "failures": (failures(answers), 0),
        f"{LOST}, over a restart": (lost(restarted), 0),
        "logs that stay silent": (silent, 0),
    }
    speeds = {"longest wait, s": (longest(answers + restarted), 10)}
    return Finding("no room left for logs", counts, speeds, statuses(answers + restarted))
