"""Clients that upload without pause, and the answers they got."""

import http.client
import json
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import NamedTuple

from deploy.testing.stack import Stack
from deploy.testing.waiting import until

TIMEOUT = 180  # seconds; longer than any answer takes, even on a busy machine


class Answer(NamedTuple):
    """`began` is a time.monotonic(); `status` 0 means a broken connection."""

    began: float
    seconds: float
    status: int
    code: str = ""
    retry_after: str = ""

    @property
    def ended(self) -> float:
        return self.began + self.seconds

    @property
    def is_busy(self) -> bool:
        """Refused as documented: 429 or 503 with its problem code and Retry-After."""
        documented = {429: "rate_limited", 503: "busy"}
        return self.retry_after.isdigit() and self.code == documented.get(self.status)


@dataclass(frozen=True)
class Door:
    """Where clients upload that is no stack. `network`: the first byte of their addresses."""

    certificate: Path
    https_port: int
    address: str = "localhost"
    network: int = 127


class Client:
    """A phone: one connection, reopened when it breaks, from the address `source`, or from one of
    its own."""

    numbers = count()

    def __init__(self, stack: Stack | Door, source: str = ""):
        door = stack if isinstance(stack, Door) else Door(stack.certificate, stack.https_port)
        number = next(self.numbers)
        source = source or f"{door.network}.{20 + number // 250 % 200}.7.{number % 250 + 1}"
        trust = ssl.create_default_context(cafile=door.certificate)
        self._connection = http.client.HTTPSConnection(
            door.address, door.https_port, timeout=TIMEOUT, context=trust,
            source_address=(source, 0),
        )  # fmt: skip

    def close(self) -> None:
        self._connection.close()

    def upload(self, photo: bytes, type_: str = "image/jpeg") -> Answer:
        """Post to /v1/faces. A 200 that is not an estimate counts as a broken connection."""
        began = time.monotonic()
        try:
            headers = {"Content-Type": type_, "Host": "localhost"}
            self._connection.request("POST", "/v1/faces", photo, headers)
            reply = self._connection.getresponse()
            body = json.loads(reply.read())
        except (OSError, http.client.HTTPException, ValueError):
            self.close()
            return Answer(began, time.monotonic() - began, 0)
        seconds = time.monotonic() - began
        if reply.status == 200:
            return Answer(began, seconds, 200 if "faces" in body else 0)
        wait = reply.getheader("Retry-After", "")
        return Answer(began, seconds, reply.status, body.get("code", ""), wait)


@contextmanager
def load(
    stack: Stack | Door,
    photos: Sequence[bytes],
    clients: int = 8,
    pause: float = 0,
    keep: bool = True,
) -> Iterator[list[Answer]]:
    """Have `clients` upload at the same time, again and again, until the block ends.

    Yields the growing list of answers, which has one for each client when the block begins.
    `pause`: seconds between an answer and the client's next upload. `keep`: False for a new
    connection each time, because nginx closes those it has when it reloads.
    """
    answers: list[Answer] = []
    ended = threading.Event()

    def work(number: int) -> None:
        with closing(Client(stack)) as client:
            while not ended.is_set():
                answers.append(client.upload(photos[number % len(photos)]))
                number += clients
                if not keep:
                    client.close()
                ended.wait(pause)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    try:
        until(lambda: len(answers) >= clients)
        yield answers
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def statuses(answers: Sequence[Answer]) -> str:
    """How many answers had which status, such as "2 x 200, 1 x broken"."""
    counts = Counter(answer.status or "broken" for answer in answers)
    return ", ".join(f"{number} x {status}" for status, number in sorted(counts.items(), key=str))


def failed(answers: Sequence[Answer]) -> list[Answer]:
    return [answer for answer in answers if answer.status != 200]


def failures(answers: Sequence[Answer]) -> int:
    return len(failed(answers))


def longest(answers: Sequence[Answer]) -> float:
    """Seconds of the slowest answer; 0 when there is none."""
    return max((answer.seconds for answer in answers), default=0)
