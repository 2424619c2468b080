"""Clients that upload without pause, and what they were told."""

import http.client
import io
import json
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import count
from typing import NamedTuple

from PIL import Image
from skimage import data

TIMEOUT = 90  # seconds; longer than the stack may ever take


class Answer(NamedTuple):
    """`began`: of time.monotonic(); `status` 0: the connection broke; `code`: of the problem."""

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
        """Sent away in the documented form, and told when to come again."""
        documented = {429: "rate_limited", 503: "busy"}
        return self.retry_after.isdigit() and self.code == documented.get(self.status)


def portrait(size: int = 512) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(data.astronaut()).resize((size, size)).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


class Client:
    """One phone: an address of its own and a connection that it keeps."""

    numbers = count()

    def __init__(self, stack):
        number = next(self.numbers)
        source = f"127.{20 + number // 250 % 200}.7.{number % 250 + 1}"
        trust = ssl.create_default_context(cafile=stack.certificate)
        self._connection = http.client.HTTPSConnection(
            "localhost", stack.https_port, timeout=TIMEOUT, context=trust,
            source_address=(source, 0),
        )  # fmt: skip

    def close(self) -> None:
        self._connection.close()

    def upload(self, photo: bytes, type_: str = "image/jpeg") -> Answer:
        """A 200 without an estimate counts as a broken connection."""
        began = time.monotonic()
        try:
            self._connection.request("POST", "/v1/faces", photo, {"Content-Type": type_})
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
    stack, photos: Sequence[bytes], clients: int = 8, pause: float = 0
) -> Iterator[list[Answer]]:
    """`clients` upload at once, again and again, until the block ends; what each was told. After
    an answer each waits for `pause` seconds."""
    answers: list[Answer] = []
    ended = threading.Event()

    def work(number: int) -> None:
        with closing(Client(stack)) as client:
            while not ended.is_set():
                answers.append(client.upload(photos[number % len(photos)]))
                number += clients
                ended.wait(pause)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def statuses(answers: Sequence[Answer]) -> str:
    """For the table: how many were told what."""
    counts = Counter(answer.status or "broken" for answer in answers)
    return ", ".join(f"{number} x {status}" for status, number in sorted(counts.items(), key=str))


def failures(answers: Sequence[Answer]) -> int:
    return sum(answer.status != 200 for answer in answers)


def longest(answers: Sequence[Answer]) -> float:
    return max(answer.seconds for answer in answers)
