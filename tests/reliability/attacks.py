"""One address, or a few, take all that they can get, beside honest clients."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

from deploy.testing.clients import Answer, Client, longest, statuses
from deploy.testing.photos import crowd, portrait
from deploy.testing.stack import Stack
from model.photo import MAX_BYTES
from tests.reliability.faults import LOST, lost
from tests.reliability.floods import begun, rate
from tests.reliability.results import Finding

HONEST = 8  # clients
OWN = [""] * HONEST  # each has one connection from an address of its own
PAUSE = 0.5  # s that each client waits after a refusal, because here all use the service's cores
FORM = "application/x-www-form-urlencoded"
ATTACKS = {  # name -> addresses, connections, content type, body
    "dear photos from one address": (1, 120, "image/jpeg", crowd),
    "dear photos from four addresses": (4, 120, "image/jpeg", crowd),
    "forms of 10 MB from one address": (1, 20, FORM, lambda: b"a=b&" * (MAX_BYTES // 4)),
}


def attack(stack: Stack, name: str, seconds: float = 30) -> Finding:
    """Uploads in a loop, without pause as long as they are answered."""
    addresses, connections, type_, body = ATTACKS[name]
    sources = [source(number % addresses) for number in range(connections)]
    with uploading(stack, OWN, portrait()) as usual:
        time.sleep(seconds / 2)
    with (
        uploading(stack, sources, body(), type_) as hostile,
        uploading(stack, OWN, portrait()) as answers,
    ):
        time.sleep(seconds)
        meanwhile = list(hostile)
    return share(name, addresses, usual, answers, meanwhile)


def slow_bodies(stack: Stack, seconds: float = 30, each: int = 150) -> Finding:
    """Uploads of 1 byte a second from one address; those that are refused begin again."""
    with uploading(stack, OWN, portrait()) as usual:
        time.sleep(seconds / 2)
    with ExitStack() as opened, uploading(stack, OWN, portrait()) as answers:
        slow = [opened.enter_context(begun(stack, source(0), MAX_BYTES)) for _ in range(each)]
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for number, upload in enumerate(slow):
                try:
                    upload.sendall(b"x")
                except OSError:
                    slow[number] = opened.enter_context(begun(stack, source(0), MAX_BYTES))
            time.sleep(1)
    return share(f"{each} slow bodies from one address", 1, usual, answers, [])


def share(
    name: str, attackers: int, usual: list[Answer], answers: list[Answer], hostile: list[Answer]
) -> Finding:
    """What honest clients got of their share: what they get alone, divided among all addresses."""
    fair = rate(usual) * HONEST / (HONEST + attackers)
    served = sum(answer.status == 200 for answer in answers)
    theirs = sum(answer.status == 200 for answer in hostile)
    counts = {
        f"honest, {LOST}": (lost(answers), 0),
        "attackers' photos for each honest one": (theirs / max(served, 1) / attackers, 1),
    }
    speeds = {
        "honest photos/s alone": (rate(usual), None),
        "honest photos/s during it": (rate(answers), None),
        "of a fair share lost, %": (100 - 100 * rate(answers) / fair, 50),
        "longest wait of honest clients, s": (longest(answers), None),
    }
    text = f"honest {statuses(answers)}; attackers {statuses(hostile)}"
    return Finding(name, counts, speeds, text)


def source(number: int) -> str:
    return f"127.0.10.{number + 1}"


@contextmanager
def uploading(
    stack: Stack, sources: list[str], body: bytes, type_: str = "image/jpeg"
) -> Iterator[list[Answer]]:
    """Upload in a loop until the block ends, over one connection from each source; there may be
    several of the same. Yields the growing list of answers."""
    answers: list[Answer] = []
    ended = threading.Event()

    def work(source: str) -> None:
        with closing(Client(stack, source)) as client:
            while not ended.is_set():
                answers.append(answer := client.upload(body, type_))
                ended.wait(0 if answer.status == 200 else PAUSE)

    threads = [threading.Thread(target=work, args=(source,)) for source in sources]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        ended.set()
        for thread in threads:
            thread.join()
