"""What can break or be ordered while clients upload without pause: a function a fault.

Each takes a running stack (tests/deploy/conftest.py), harms it, and leaves it up.
"""

import os
import random
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path

from bench.findings import Finding
from bench.load import Client, failures, load, longest, portrait, statuses
from tests.deploy.conftest import Stack, until


def killed_workers(stack: Stack, times: int = 50, pause: float = 0.5) -> Finding:
    """SIGKILL, one at a time, at full strength."""
    master = stack.master()
    strength = len(stack.workers(master))
    waits = []
    with load(stack, [portrait()]) as answers:
        until(lambda: len(answers) > 8)
        for _ in range(times):
            victim = random.choice(sorted(stack.workers(master)))
            killed = time.monotonic()
            os.kill(victim, signal.SIGKILL)
            until(lambda gone=victim: len(stack.workers(master) - {gone}) == strength)
            waits.append(time.monotonic() - killed)
            time.sleep(pause * (0.5 + random.random()))
    figures = {
        "failures": (failures(answers), 0),
        "seconds to full strength": (max(waits), 1),
        "longest wait, s": (longest(answers), None),
    }
    return Finding(f"a worker killed, {times} times", figures, statuses(answers))


def killed_master(stack: Stack) -> Finding:
    until(lambda: "STARTING" not in stack.supervisorctl("status"))
    with load(stack, [portrait()], pause=0.1) as answers:
        until(lambda: len(answers) > 8)
        master, killed = stack.master(), time.monotonic()
        os.kill(master, signal.SIGKILL)
        until(lambda: stack.master() not in (0, master))
        until(stack.is_ready)
        back = time.monotonic() - killed
        time.sleep(1)
    bad = [answer for answer in answers if answer.status != 200 and not answer.is_busy]
    figures = {
        "neither answered nor told to wait": (len(bad), 0),
        "longest wait, s": (longest(answers), 10),
        "seconds until it is back": (back, 10),
    }
    return Finding("the master killed", figures, statuses(answers))


def reload(stack: Stack) -> Finding:
    with load(stack, [portrait()]) as usual:
        time.sleep(4)
    figures: dict[str, tuple[float, float | None]] = {}
    told = []
    for name, order in (("HUP", hang_up), ("touch file", touch)):
        workers = stack.workers(stack.master())
        with load(stack, [portrait()]) as answers:
            until(lambda seen=answers: len(seen) > 8)
            order(stack)
            until(lambda old=workers: replaced(stack, old))
            time.sleep(1)
        figures[f"failures, {name}"] = (failures(answers), 0)
        more = longest(answers) - longest(usual)
        figures[f"longest wait beyond the usual, s, {name}"] = (more, 2)
        told += answers
    return Finding("reload", figures, statuses(told))


def hang_up(stack: Stack) -> None:
    stack.supervisorctl("signal", "HUP", "yanling")


def touch(stack: Stack) -> None:
    (stack.run / "reload").touch()


def replaced(stack: Stack, workers: set[int]) -> bool:
    """By as many new ones."""
    return len(stack.workers(stack.master()) - workers) == len(workers)


def stop(stack: Stack) -> Finding:
    """And start: what a worker has in hand is finished, the rest is told to come again."""
    with load(stack, [portrait()], pause=0.2) as answers:
        until(lambda: len(answers) > 8)
        stack.supervisorctl("stop", "yanling")
        time.sleep(1)
        stack.supervisorctl("start", "yanling")
        until(stack.is_ready)
    bad = [answer for answer in answers if answer.status != 200 and not answer.is_busy]
    figures = {
        "neither answered nor told to wait": (len(bad), 0),
        "longest wait, s": (longest(answers), 10),
    }
    return Finding("stop and start", figures, statuses(answers))


def hung_worker(stack: Stack, harakiri: float = 30) -> Finding:
    """Stopped in the middle of a request, until uWSGI's harakiri ends it."""
    with load(stack, [portrait()]) as answers:
        until(lambda: len(answers) > 8)
        victim = hang(stack)
        until(lambda: not Path(f"/proc/{victim}").exists(), harakiri + 10)
        time.sleep(1)
    bad = [answer for answer in answers if answer.status != 200]
    hopeless = [answer for answer in bad if not answer.is_busy and answer.code != "timeout"]
    figures = {
        "not told to come again": (len(hopeless), 0),
        "requests hurt": (len(bad), 1),
        "longest wait, s": (longest(answers), harakiri + 5),
    }
    return Finding("a worker that hangs", figures, statuses(answers))


def hang(stack: Stack) -> int:
    """Stop a worker that has a request; its process."""
    while True:
        for worker in stack.workers(stack.master()):
            before = cpu(worker)
            time.sleep(0.02)
            if cpu(worker) > before:
                os.kill(worker, signal.SIGSTOP)
                return worker


def cpu(process: int) -> int:
    """Clock ticks that it has computed."""
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11])


def lost_logs(stack: Stack) -> Finding:
    """The folder is gone; then the master dies, so that new files would be needed."""
    saved = stack.logs.with_name("saved-logs")
    with load(stack, [portrait()], pause=0.2) as answers:
        until(lambda: len(answers) > 8)
        stack.logs.rename(saved)
        time.sleep(1)
        served = failures(answers)
        os.kill(stack.master(), signal.SIGKILL)
        until(lambda: any(answer.is_busy for answer in answers))
        saved.rename(stack.logs)
        begun = time.monotonic()
        until(stack.is_ready, 60)
        back = time.monotonic() - begun
    bad = [answer for answer in answers if answer.status != 200 and not answer.is_busy]
    figures = {
        "failures while it runs on": (served, 0),
        "neither answered nor told to wait, after a restart": (len(bad), 0),
        "seconds until it is back, once the folder is": (back, 30),
    }
    return Finding("log folder gone", figures, statuses(answers))


def full_spool(stack: Stack, spool: Path) -> Finding:
    """`spool`: the file system that holds it, small and its own."""
    workers = stack.workers(stack.master())
    client, hog = Client(stack), spool / "hog"
    fill(hog)
    refused = [client.upload(portrait()) for _ in range(50)]
    metrics = stack.curl(f"{stack.inside}/metrics").status
    hog.unlink()
    after = [client.upload(portrait()) for _ in range(10)]
    client.close()
    figures = {
        "not told to come again": (sum(not answer.is_busy for answer in refused), 0),
        "longest wait, s": (longest(refused), 1),
        "dead workers": (len(workers - stack.workers(stack.master())), 0),
        "/metrics without an answer": (metrics != 200, 0),
        "failures once there is room": (failures(after), 0),
    }
    return Finding("spool full", figures, statuses(refused + after))


def fill(hog: Path) -> None:
    """Take all the room of the file system that `hog` is on."""
    with hog.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


def broken_weights(stack: Stack, weights: Path) -> Finding:
    """`weights`: the service's own folder. A wrong checksum, an absent file, a broken one."""
    file, safe = weights / "int8.onnx", weights.with_name("safe.onnx")
    shutil.copy(file, safe)
    workers = stack.workers(stack.master())
    log = stack.logs / "yanling.log"
    unclear = 0
    with load(stack, [portrait()], pause=0.1) as answers:
        for harm in (flip_a_bit, Path.unlink, lambda path: path.write_bytes(b"")):
            shutil.copy(safe, file)
            harm(file)
            before = log.stat().st_size
            touch(stack)
            until(lambda at=before: b"NOT reloaded" in log.read_bytes()[at:])
            said = log.read_bytes()[before:]
            unclear += b"Yanling does not start: " not in said or b"Traceback" in said
            time.sleep(1.1)  # a second touch is a second later
    safe.replace(file)
    figures = {
        "failures": (failures(answers), 0),
        "workers lost": (len(workers - stack.workers(stack.master())), 0),
        "refusals without one clear line": (unclear, 0),
    }
    return Finding("reload onto broken weights, three kinds", figures, statuses(answers))


def flip_a_bit(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def sick(stack: Stack, minutes: float = 3) -> Finding:
    """The master and its workers live, but their socket has gone: supervisor's health check."""
    until(lambda: "STARTING" not in stack.supervisorctl("status"))
    master = stack.master()
    with load(stack, [portrait()], pause=0.5) as answers:
        until(lambda: len(answers) > 8)
        begun = time.monotonic()
        (stack.run / "uwsgi.sock").unlink()
        until(lambda: stack.master() not in (0, master), minutes * 60)
        until(stack.is_ready)
        back = time.monotonic() - begun
    bad = [answer for answer in answers if answer.status != 200 and not answer.is_busy]
    figures = {
        "neither answered nor told to wait": (len(bad), 0),
        "seconds until it is back": (back, minutes * 60),
    }
    return Finding("up but sick", figures, statuses(answers))
