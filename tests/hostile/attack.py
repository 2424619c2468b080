"""Sends hostile requests to the real stack, judges every answer, and looks for damage."""

import json
import os
import re
import ssl
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import NamedTuple

from app.problems import STATUS
from tests.hostile.http import Reply, exchange
from tests.hostile.requests import Case

SECONDS = 30  # uWSGI's harakiri: no request may last longer
CLIENTS = 6
# all that the service's log may say: a request, a photo, or a worker that leaves after max-requests
# and its heir
USUAL = re.compile(
    r'(?:\{"time":"[^"]+","request_id":"[0-9a-f]{32}","(?:method|level":"info)".*\}'
    r"|\.\.\.The work of process \d+ is done.*"
    r"|worker \d+ (?:killed|buried).*|Respawned uWSGI worker \d+ .*|WSGI app 0 .* ready .*)?"
)
MEMBERS = {"type", "title", "status", "detail", "code", "request_id"}


class Outcome(NamedTuple):
    """`violation`: what is wrong with the answer, in words, or nothing."""

    case: Case
    reply: Reply
    violation: str


def attack(stack, cases: Iterable[Case]) -> Iterator[Outcome]:
    """Several clients at once, each request from an address of its own, because nginx would
    otherwise stop the flood."""
    trust = ssl.create_default_context(cafile=stack.certificate)
    addresses = (f"127.{i % 199 + 2}.{i // 199 % 250}.9" for i in count())

    def send(case: Case, address: str) -> Outcome:
        hang_up = case.kind == "abandoned"
        try:
            request = case.request()
            reply = exchange(stack.https_port, trust, request, source=address, hang_up=hang_up)
        except TimeoutError:
            return Outcome(case, Reply(0, "", b"", SECONDS), "no answer in time")
        return Outcome(case, reply, violation(case, reply))

    with ThreadPoolExecutor(CLIENTS) as clients:
        yield from clients.map(send, cases, addresses)


def violation(case: Case, reply: Reply) -> str:
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
    """What an attack must not change; taken before and after."""

    workers: set[int]
    log_size: int


def footprint(stack) -> Footprint:
    return Footprint(stack.workers(stack.master()), (stack.logs / "yanling.log").stat().st_size)


def damage(stack, before: Footprint) -> list[str]:
    """In words: dead workers, accidents in the log, photos left behind; empty when all is well."""
    with (stack.logs / "yanling.log").open("rb") as log:
        log.seek(before.log_size)
        said = log.read().decode(errors="replace")
    now = stack.workers(stack.master())
    # a worker may leave by itself, after max-requests; it says so
    retired = {int(pid) for pid in re.findall(r"The work of process (\d+) is done", said)}
    found = [f"worker {pid} is dead" for pid in before.workers - now - retired]
    found += [] if len(now) == len(before.workers) else [f"{len(now)} workers"]
    found += [f"logged: {line[:200]}" for line in said.splitlines() if not USUAL.fullmatch(line)]
    folders = [stack.run / "spool", *stack.run.glob("nginx-*")]
    found += [f"left behind: {file}" for folder in folders for file in folder.rglob("*")]
    return found + [f"worker {pid} holds {file}" for pid in now for file in held(pid, stack.run)]


def held(pid: int, folder: Path) -> list[str]:
    """Files in `folder` that a process has open, also those without a name."""
    places = (str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir())
    return [place for place in places if place.startswith(f"{folder}{os.sep}spool{os.sep}")]
