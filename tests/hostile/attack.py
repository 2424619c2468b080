"""Send hostile requests to the real stack, check every answer, and look for damage."""

import json
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import NamedTuple

from app.problems import STATUS
from deploy.testing.processes import open_files
from deploy.testing.stack import Stack
from tests.hostile.http import Reply, exchange
from tests.hostile.requests import Case

SECONDS = 30  # uWSGI's harakiri: no request may take longer
CLIENTS = 6
# all lines that the service's log may hold: a request, a photo, or a worker that ends after
# max-requests and its replacement
USUAL = re.compile(
    r'(?:\{"time":"[^"]+","request_id":"[0-9a-f]{32}","(?:method|level":"info)".*\}'
    r"|\.\.\.The work of process \d+ is done.*"
    r"|worker \d+ (?:killed|buried).*|Respawned uWSGI worker \d+ .*|WSGI app 0 .* ready .*)?"
)
MEMBERS = {"type", "title", "status", "detail", "code", "request_id"}


class Outcome(NamedTuple):
    """`violation`: what is wrong with the reply; empty when nothing is."""

    case: Case
    reply: Reply
    violation: str


def attack(stack: Stack, cases: Iterable[Case]) -> Iterator[Outcome]:
    """Send from several clients at once. Each request has its own source address, because nginx
    limits requests by address."""
    addresses = (f"127.{i % 199 + 2}.{i // 199 % 250}.9" for i in count())

    def send(case: Case, address: str) -> Outcome:
        try:
            reply = exchange(stack, case.request(), address, hang_up=case.kind == "abandoned")
        except TimeoutError:
            return Outcome(case, Reply(0, "", b"", SECONDS), "no answer in time")
        return Outcome(case, reply, violation(case, reply))

    with ThreadPoolExecutor(CLIENTS) as clients:
        yield from clients.map(send, cases, addresses)


def violation(case: Case, reply: Reply) -> str:
    """What is wrong with the reply to this case; empty when nothing is."""
    if reply.seconds > SECONDS:
        return f"{reply.seconds:.0f} s"
    if reply.status >= 500:
        return f"status {reply.status}"
    if reply.answer not in case.answers:
        return f"{reply.status} {reply.answer}, not {' or '.join(case.answers)}"
    return "" if reply.answer in ("ok", "closed") else problem_violation(reply)


def problem_violation(reply: Reply) -> str:
    problem = json.loads(reply.body)
    if set(problem) != MEMBERS or problem["status"] != reply.status or not problem["detail"]:
        return f"not the documented form: {problem}"
    usual = STATUS.get(problem["code"])
    if problem["code"] != "bad_request" and usual != reply.status:
        return f"{problem['code']} with {reply.status}, not {usual}"
    return ""


class Footprint(NamedTuple):
    """What an attack must not change, taken before it."""

    workers: set[int]
    log_size: int


def footprint(stack: Stack) -> Footprint:
    stack.wait_for_start()
    return Footprint(stack.workers(), (stack.logs / "yanling.log").stat().st_size)


def damage(stack: Stack, before: Footprint) -> list[str]:
    """One line each for dead workers, unusual log lines and photos left behind."""
    log = (stack.logs / "yanling.log").read_bytes()[before.log_size :].decode(errors="replace")
    now = stack.workers()
    # a worker may end by itself after max-requests; the log says so
    retired = {int(pid) for pid in re.findall(r"The work of process (\d+) is done", log)}
    found = [f"worker {pid} is dead" for pid in before.workers - now - retired]
    found += [] if len(now) == len(before.workers) else [f"{len(now)} workers"]
    found += [f"logged: {line[:200]}" for line in log.splitlines() if not USUAL.fullmatch(line)]
    folders = [stack.service / "spool", *stack.run.glob("nginx-*")]
    found += [f"left behind: {file}" for folder in folders for file in folder.rglob("*")]
    held = ((pid, file) for pid in now for file in open_files(pid) if folders[0] in file.parents)
    return found + [f"worker {pid} holds {file}" for pid, file in held]
