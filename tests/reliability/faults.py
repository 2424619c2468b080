"""Faults and orders while clients upload without pause: a function for each.

Each takes a running stack, harms it, and leaves it up.
"""

import os
import random
import re
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path

from deploy.testing.clients import Answer, Client, failures, load, longest, statuses
from deploy.testing.photos import portrait
from deploy.testing.processes import cpu, is_running
from deploy.testing.stack import Stack
from deploy.testing.waiting import until
from tests.reliability.results import Finding

LOST = "neither answered nor refused with Retry-After"


def lost(answers: Sequence[Answer]) -> int:
    return sum(answer.status != 200 and not answer.is_busy for answer in answers)


def killed_workers(stack: Stack, times: int = 50) -> Finding:
    """SIGKILL to one worker at a time. nginx tries a request three times, so that the next kill
    waits until those in flight at this one have been answered."""
    clients, seconds = 8, []
    with load(stack, [portrait()], clients) as answers:
        for _ in range(times):
            killed = time.monotonic()
            kill_worker(stack, random.choice(sorted(stack.workers())))
            seconds.append(time.monotonic() - killed)
            await_more(answers, 2 * clients)
    counts = {"failures": (failures(answers), 0)}
    speeds = {
        "full strength after, s": (max(seconds), 1),
        "longest wait, s": (longest(answers), None),
    }
    return Finding(f"a worker killed, {times} times", counts, speeds, statuses(answers))


def kill_worker(stack: Stack, worker: int) -> None:
    """And wait until another one has taken its place."""
    strength = len(stack.workers())
    os.kill(worker, signal.SIGKILL)
    until(lambda: len(stack.workers() - {worker}) == strength)


def await_more(answers: Sequence[Answer], count: int) -> None:
    wanted = len(answers) + count
    until(lambda: len(answers) >= wanted)


def killed_master(stack: Stack) -> Finding:
    stack.wait_for_start()
    with load(stack, [portrait()], pause=0.1) as answers:
        killed = time.monotonic()
        kill_master(stack)
        back = time.monotonic() - killed
        time.sleep(1)
    speeds = {"longest wait, s": (longest(answers), 10), "ready again after, s": (back, 10)}
    return Finding("the master killed", {LOST: (lost(answers), 0)}, speeds, statuses(answers))


def kill_master(stack: Stack) -> None:
    """And wait until the next one answers."""
    master = stack.master()
    os.kill(master, signal.SIGKILL)
    until(lambda: stack.master() not in (0, master))
    until(stack.is_ready)


def reload(stack: Stack) -> Finding:
    """By HUP and by the touched file."""
    with load(stack, [portrait()]) as usual:
        time.sleep(4)
    counts, speeds, every = {}, {}, []
    for name, order in (("HUP", lambda: hang_up(stack)), ("touched file", stack.reload)):
        with load(stack, [portrait()]) as answers:
            replace_workers(stack, order)
            time.sleep(1)
        counts[f"failures, {name}"] = (failures(answers), 0)
        speeds[f"longest wait beyond the usual, s, {name}"] = (longest(answers) - longest(usual), 2)
        every += answers
    return Finding("reload", counts, speeds, statuses(every))


def hang_up(stack: Stack) -> None:
    stack.supervisorctl("signal", "HUP", "yanling")


def replace_workers(stack: Stack, order: Callable[[], object]) -> None:
    """Give an order, and wait until there are as many new workers as there were old ones."""
    old = stack.workers()
    order()
    until(lambda: len(stack.workers() - old) == len(old))


def stop(stack: Stack) -> Finding:
    """And start: workers finish the requests that they have, the others get 503."""
    with load(stack, [portrait()], pause=0.2) as answers:
        stack.supervisorctl("stop", "yanling")
        time.sleep(1)
        stack.supervisorctl("start", "yanling")
        until(stack.is_ready)
    speeds = {"longest wait, s": (longest(answers), 10)}
    return Finding("stop and start", {LOST: (lost(answers), 0)}, speeds, statuses(answers))


def hung_worker(stack: Stack, harakiri: float = 30) -> Finding:
    """Stopped in the middle of a request, until uWSGI's harakiri kills it."""
    with load(stack, [portrait()]) as answers:
        victim = hang(stack)
        until(lambda: not is_running(victim))
        time.sleep(1)
    hopeless = [each for each in answers if each.code != "timeout"]
    counts = {LOST: (lost(hopeless), 0), "requests hurt": (failures(answers), 1)}
    speeds = {"longest wait, s": (longest(answers), harakiri + 5)}
    return Finding("a worker that hangs", counts, speeds, statuses(answers))


def hang(stack: Stack) -> int:
    """Stop a worker that has a request; returns its process."""
    while True:
        for worker in stack.workers():
            before = cpu(worker)
            time.sleep(0.02)
            if cpu(worker) > before:
                os.kill(worker, signal.SIGSTOP)
                return worker


def lost_logs(stack: Stack) -> Finding:
    """The log folder is gone; then the master dies, and the next one needs new log files."""
    saved = stack.logs.with_name("saved-logs")
    with load(stack, [portrait()], pause=0.2) as answers:
        stack.logs.rename(saved)
        time.sleep(1)
        failed = failures(answers)
        os.kill(stack.master(), signal.SIGKILL)
        until(lambda: any(answer.is_busy for answer in answers))
        saved.rename(stack.logs)
        begun = time.monotonic()
        until(stack.is_ready)
        back = time.monotonic() - begun
    counts = {"failures before the restart": (failed, 0), f"{LOST}, after it": (lost(answers), 0)}
    speeds = {"ready again after the folder is back, s": (back, 30)}
    return Finding("log folder gone", counts, speeds, statuses(answers))


def full_spool(stack: Stack, spool: Path) -> Finding:
    """`spool`: the small file system that holds the spool and nothing else."""
    workers, hog = stack.workers(), spool / "hog"
    with closing(Client(stack)) as client:
        fill(hog)
        refused = [client.upload(portrait()) for _ in range(50)]
        metrics = stack.curl(f"{stack.inside}/metrics").status
        hog.unlink()
        after = [client.upload(portrait()) for _ in range(10)]
    counts = {
        "without Retry-After": (sum(not answer.is_busy for answer in refused), 0),
        "dead workers": (len(workers - stack.workers()), 0),
        "/metrics without an answer": (metrics != 200, 0),
        "failures once there is room": (failures(after), 0),
    }
    speeds = {"longest wait, s": (longest(refused), 1)}
    return Finding("spool full", counts, speeds, statuses(refused + after))


def fill(hog: Path) -> None:
    """Write `hog` until its file system is full."""
    with hog.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


def broken_models(stack: Stack, files: Sequence[Path]) -> Finding:
    """Reloads onto a wrong checksum of each model file, and onto one that is absent or empty.
    `files`: those that the stack reads."""
    workers, unclear = stack.workers(), 0
    harms: list[tuple[Callable[[Path], object], Path]] = [(flip_a_bit, file) for file in files]
    harms += [(Path.unlink, files[0]), (lambda path: path.write_bytes(b""), files[0])]
    with load(stack, [portrait()], pause=0.1) as answers:
        for harm, file in harms:
            sound = file.read_bytes()
            harm(file)
            logged = refused_reload(stack)
            unclear += not re.search(rf"^Yanling does not start: .*{file}", logged, re.MULTILINE)
            unclear += "Traceback" in logged
            file.write_bytes(sound)
            time.sleep(1.1)  # uWSGI compares whole seconds of a touched file
    counts = {
        "failures": (failures(answers), 0),
        "workers lost": (len(workers - stack.workers()), 0),
        "refusals without one clear line": (unclear, 0),
    }
    return Finding("reload onto broken model files", counts, answers=statuses(answers))


def refused_reload(stack: Stack) -> str:
    """Order one that must not happen; what the log says about it."""
    log = stack.logs / "yanling.log"
    before = log.stat().st_size
    stack.reload()
    until(lambda: b"NOT reloaded" in log.read_bytes()[before:])
    return log.read_bytes()[before:].decode()


def flip_a_bit(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def sick(stack: Stack) -> Finding:
    """uWSGI runs but its sockets' files are gone, until the health check restarts it."""
    stack.wait_for_start()
    master = stack.master()
    with load(stack, [portrait()], pause=0.5) as answers:
        begun = time.monotonic()
        for file in [stack.service / "uwsgi.sock", *stack.service.glob("queue-*.sock")]:
            file.unlink()
        until(lambda: stack.master() not in (0, master), 300)
        until(stack.is_ready)
        back = time.monotonic() - begun
    speeds = {"ready again after, s": (back, 180)}
    return Finding("up but sick", {LOST: (lost(answers), 0)}, speeds, statuses(answers))
