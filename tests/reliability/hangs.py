"""Processes that run but do nothing: a function for each.

A stopped process (SIGSTOP) stands for one that hangs. Each function takes a running stack and
leaves it up.
"""

import os
import signal
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from subprocess import CalledProcessError

from deploy.testing import processes
from deploy.testing.clients import Client, failures, load, longest, statuses
from deploy.testing.photos import portrait
from deploy.testing.stack import Stack
from deploy.testing.waiting import until
from tests.reliability.faults import LOST, hang_up, lost, replace_workers
from tests.reliability.results import Finding

KILLED = 50  # seconds; a worker that hangs just before its answer is complete has 45


def idle_workers(stack: Stack) -> Finding:
    """All of them, while none has a request."""
    master, workers = stack.master(), stack.workers()
    stop(workers)
    with closing(Client(stack)) as client:
        answers = [client.upload(portrait())]
    until(lambda: not workers & stack.workers())
    counts = {
        "failures": (failures(answers), 0),
        "masters lost": (stack.master() != master, 0),
    }
    speeds = {"longest wait, s": (longest(answers), KILLED)}
    return Finding("all workers hang while idle", counts, speeds, statuses(answers))


def stuck_reload(stack: Stack, meanwhile: Callable[[], None] = lambda: None) -> Finding:
    """A worker hangs, so that it cannot exit when the reload asks it to; then `meanwhile`."""

    def order() -> None:
        hang_up(stack)
        meanwhile()

    stop({min(stack.workers())})
    begun = time.monotonic()
    with load(stack, [portrait()], clients=2) as answers:
        replace_workers(stack, order)
        back = time.monotonic() - begun
    counts = {LOST: (lost(answers), 0)}  # whoever has waited for 30 s gets a busy answer
    speeds = {"reloaded after, s": (back, KILLED), "longest wait, s": (longest(answers), KILLED)}
    return Finding("a worker hangs in a reload", counts, speeds, statuses(answers))


def uwsgi_master(stack: Stack) -> Finding:
    """Until the health check restarts it. The clients' requests go on."""
    stack.wait_for_start()
    master, proxy = stack.master(), stack.nginx()
    with load(stack, [portrait()], clients=2, pause=0.2) as answers:
        begun = time.monotonic()
        stop({master})
        until(lambda: stack.master() not in (0, master))
        until(stack.is_ready)
        back = time.monotonic() - begun
    counts = {
        LOST: (lost(answers), 0),
        "innocent nginx restarted": (stack.nginx() != proxy, 0),
    }
    return Finding("uWSGI's master hangs", counts, {"back after, s": (back, 90)}, statuses(answers))


def nginx(stack: Stack) -> Finding:
    """All its workers, until the health check restarts nginx, and nothing else."""
    stack.wait_for_start()
    old, workers = stack.nginx(), stack.workers()
    begun = time.monotonic()
    stop(processes.children(old))
    until(partial(answers, stack))
    back = time.monotonic() - begun
    counts = {
        "nginx not restarted": (stack.nginx() == old, 0),
        "innocent workers restarted": (len(workers - stack.workers()), 0),
    }
    return Finding("all nginx workers hang", counts, {"back after, s": (back, 60)})


def stop(pids: set[int]) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)


def answers(stack: Stack) -> bool:
    """Whether a client gets an answer within a few seconds."""
    try:
        return stack.curl("/readyz", timeout=5).status == 200
    except CalledProcessError:
        return False
