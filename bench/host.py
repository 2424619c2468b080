"""What the host may do to the service: set the clock, or have no room left for logs."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from bench.faults import fill, replaced, touch
from bench.findings import Finding
from bench.load import failures, load, longest, portrait, statuses
from tests.deploy.conftest import Stack, house, running_stack, until

HOURS = (3, -3, 24, 0)  # away from the true time; each jump is the difference to the one before


class Clock:
    """That of the processes which were started with `environment`, by Debian's faketime."""

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
        """So far from the true time, at once."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{hours:+g}h\n")
        new.replace(self._file)


@contextmanager
def stack_with_clock(folder: Path) -> Iterator[tuple[Stack, Clock]]:
    """`make stack`, supervisord and all below it by a clock of their own."""
    clock = Clock(folder / "clock")
    ours = f"env={{**environment, **{clock.environment}}}"
    names = "".join(f"env {name};\n" for name in clock.environment)  # which nginx would drop
    changes = {
        "deploy/stack.py": lambda text: text.replace("env=environment", ours),
        "deploy/nginx/stack.conf": lambda text: names + text,
    }
    with running_stack(folder / "stack", house(folder, changes)) as stack:
        yield stack, clock


def jumping_clock(folder: Path, _: Stack) -> Finding:
    """On a stack of its own in `folder`."""
    folder.mkdir()
    with stack_with_clock(folder) as (stack, clock):
        return set_clock(stack, clock)


def set_clock(stack: Stack, clock: Clock, jumps: Sequence[float] = HOURS) -> Finding:
    """At each supervisor thinks a minute over, and its health check comes at once: see
    app/clock.py. In the end uWSGI's master sees a touched file."""
    until(lambda: "STARTING" not in stack.supervisorctl("status"))
    master, blind = stack.master(), 0
    with load(stack, [portrait()]) as answers:
        for hours in jumps:
            after(stack, partial(clock.set, hours))
            blind += sum(not says(log, hours) for log in logs(stack))
        after(stack, partial(touch, stack))
    figures = {
        "failures": (failures(answers), 0),
        "longest wait, s": (longest(answers), 10),
        "masters lost": (stack.master() != master, 0),
        "logs without the new time": (blind, 0),
    }
    return Finding(
        f"the clock jumps {len(HOURS)} times, by 3 to 27 hours", figures, statuses(answers)
    )


def after(stack: Stack, order: Callable[[], object]) -> None:
    """Wait until new workers answer."""
    workers = stack.workers(stack.master())
    order()
    until(lambda: replaced(stack, workers), 40)
    with load(stack, [portrait()], clients=1) as answers:
        until(lambda: answers)


def logs(stack: Stack) -> list[Path]:
    """nginx's and uWSGI's, with a line a request."""
    return [stack.logs / "yanling-access.log", stack.logs / "yanling.log"]


def says(log: Path, hours: float) -> bool:
    """Whether the last line was written so far from the true time."""
    last = log.read_text().splitlines()[-1]
    times = [datetime.now() + timedelta(hours=hours, seconds=ago) for ago in (0, -10)]
    return any(
        f"{time:{form}}" in last for time in times for form in ("%d/%b/%Y:%H", "%Y-%m-%dT%H")
    )


def full_logs(stack: Stack, seconds: float = 20) -> Finding:
    """Their file system must be a small one. A worker and the master die as well."""
    workers, hog = stack.workers(stack.master()), stack.logs / "hog"
    fill(hog)
    with load(stack, [portrait()]) as answers:
        time.sleep(seconds)
    os.kill(min(workers), signal.SIGKILL)
    master = stack.master()
    with load(stack, [portrait()], pause=0.1) as restarted:
        until(lambda: len(restarted) > 8)
        os.kill(master, signal.SIGKILL)
        until(lambda: stack.master() not in (0, master))
        until(stack.is_ready)
    hog.unlink()
    time.sleep(1.1)  # nginx tries again in the next second
    number = stack.curl("/v1/faces", "-X", "POST").headers["x-request-id"]
    time.sleep(1)
    silent = sum(number not in log.read_text(errors="replace") for log in logs(stack))
    bad = [answer for answer in restarted if answer.status != 200 and not answer.is_busy]
    figures = {
        "failures": (failures(answers), 0),
        "neither answered nor told to wait, over a restart": (len(bad), 0),
        "longest wait, s": (longest(answers + restarted), 10),
        "logs that do not go on": (silent, 0),
    }
    return Finding("no room left for logs", figures, statuses(answers + restarted))
