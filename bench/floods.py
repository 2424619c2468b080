"""More clients than there is room for, clients that only hold on, and the soak."""

import io
import random
import resource
import socket
import ssl
import struct
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from PIL import Image
from skimage import data

from bench.findings import Finding
from bench.load import Answer, Client, failures, load, longest, portrait, statuses
from bench.processes import pss
from model.photo import MAX_BYTES
from tests.deploy.conftest import Stack

TIMES = 15  # as many; who waits for an answer does not ask, which leaves ten or more
HEAD = "POST /v1/faces HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\n"


def overload(stack: Stack, seconds: float = 30, clients: int = 300, photo: bytes = b"") -> Finding:
    """Ten times what two busy clients a worker get through, each from its own address."""
    photo = photo or crowd()
    with load(stack, [photo], 2 * len(stack.workers(stack.master()))) as usual:
        time.sleep(seconds / 3)
    capacity = rate(usual)
    with load(stack, [photo], clients, pause=clients / (TIMES * capacity)) as answers:
        time.sleep(seconds)
        begun = time.monotonic()
    served = [answer for answer in answers if answer.status == 200]
    surplus = [answer for answer in answers if answer.status != 200]
    during = [answer for answer in answers if answer.ended < begun]
    with load(stack, [photo], 1) as after:
        time.sleep(3)
    figures = {
        "photos/s without it": (capacity, None),
        "offered, times as much": (rate(during, every=True) / capacity, None),
        "goodput lost, %": (100 - 100 * rate(during) / capacity, 10),
        "longest wait of the served, s": (longest(served), 20),
        "longest wait of the surplus, s": (longest(surplus), 20),
        "surplus not told to come again": (sum(not each.is_busy for each in surplus), 0),
        "failures afterwards": (failures(after), 0),
        "first answer afterwards, s": (after[0].seconds, 1),
    }
    return Finding("overload", figures, statuses(answers))


def rate(answers: list[Answer], every: bool = False) -> float:
    """Photos served, or every answer, a second."""
    whole = max(each.ended for each in answers) - min(each.began for each in answers)
    return sum(every or each.status == 200 for each in answers) / whole


def crowd() -> bytes:
    """Five faces: much work in few bytes."""
    face = Image.fromarray(data.astronaut()).crop((130, 0, 330, 200)).resize((300, 300))
    wall = Image.new("RGB", (1600, 1200), (120, 130, 140))
    for i in range(5):
        wall.paste(face, (40 + 520 * (i % 3), 60 + 560 * (i // 3)))
    buffer = io.BytesIO()
    wall.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def slow_clients(stack: Stack, seconds: float = 20, each: int = 60) -> Finding:
    """Uploads of 1 byte a second, connections that say nothing, and clients that leave."""
    photo = portrait()
    with load(stack, [photo], 2) as usual:
        time.sleep(seconds / 4)
    with ExitStack() as held:
        slow = [held.enter_context(connection(stack, "127.0.3.3")) for _ in range(each)]
        for number in range(each):
            address = f"127.0.4.{number + 1}"
            plain = socket.create_connection(("127.0.0.1", stack.https_port), 10, (address, 0))
            held.enter_context(plain)  # not even TLS
        for one in slow:
            one.sendall(f"{HEAD}Content-Length: {len(photo)}\r\n\r\n".encode())
        with load(stack, [photo], 2) as answers:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                for one, byte in zip(slow, photo, strict=False):
                    one.sendall(bytes([byte]))
                leave(stack, photo)
                time.sleep(1)
    figures = {
        "failures of honest clients": (failures(answers), 0),
        "photos/s of honest clients lost, %": (100 - 100 * rate(answers) / rate(usual), 20),
        "longest wait of honest clients, s": (longest(answers), 2),
    }
    return Finding(f"{each} slow, {each} silent clients, others that leave", figures)


def slow_uploads(
    stack: Stack, seconds: float = 60, each: int = 1000, addresses: int = 20
) -> Finding:
    """Of 10 MB, at 1 byte a second, many from each address, while two honest clients upload."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    before = nginx_memory(stack)
    with ExitStack() as opened:
        names = [f"127.0.6.{number % addresses + 1}" for number in range(each)]
        slow = [opened.enter_context(connection(stack, name)) for name in names]
        for one in slow:
            one.sendall(f"{HEAD}Content-Length: {MAX_BYTES}\r\n\r\n".encode())
        with load(stack, [portrait()], 2) as answers:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                for one in slow:
                    with suppress(OSError):  # it may have been refused
                        one.sendall(b"x")
                time.sleep(1)
        more = nginx_memory(stack) - before
        held = sum(map(is_held, slow))
    figures = {
        "failures of honest clients": (failures(answers), 0),
        "longest wait of honest clients, s": (longest(answers), 2),
        "slow uploads refused or cut off": (each - held, 0),
        "kB of nginx's memory for each": (1000 * more / each, 100),
    }
    return Finding(f"{each} slow uploads from {addresses} addresses", figures, statuses(answers))


def full_bodies(stack: Stack, most: int = 32) -> Finding:
    """Clients send all but a byte of 10 MB and then wait: together more than the `most` MB that
    nginx has for bodies."""
    large, small = portrait(2000), portrait(200)
    client = Client(stack)
    with ExitStack() as opened:
        for _ in range(most // 10 + 1):
            one = opened.enter_context(connection(stack, "127.0.8.8"))
            one.sendall(f"{HEAD}Content-Length: {MAX_BYTES}\r\n\r\n".encode())
            with suppress(OSError):  # the last one is sent away
                one.sendall(bytes(MAX_BYTES - 1))
        full = [client.upload(large) for _ in range(20)]
        fits = [client.upload(small) for _ in range(20)]
    time.sleep(1)  # until nginx has seen them leave
    after = [client.upload(large) for _ in range(20)]
    client.close()
    figures = {
        "not told to come again": (sum(not answer.is_busy for answer in full), 0),
        "failures of photos of some kB": (failures(fits), 0),
        "longest wait, s": (longest(full + fits), 1),
        "failures once there is room": (failures(after), 0),
    }
    return Finding("no room left for bodies", figures, statuses(full + fits + after))


def is_held(tls: ssl.SSLSocket) -> bool:
    """nginx waits for more: neither an answer nor the end has come."""
    tls.setblocking(False)
    try:
        tls.recv(1)
    except ssl.SSLWantReadError:
        return True
    except OSError:
        pass
    return False


def nginx_memory(stack: Stack) -> float:
    """MB of its workers' own."""
    return sum(pss(worker, "Pss_Anon") for worker in stack.nginx_workers())


@contextmanager
def connection(stack: Stack, address: str) -> Iterator[ssl.SSLSocket]:
    trust = ssl.create_default_context(cafile=stack.certificate)
    plain = socket.create_connection(("127.0.0.1", stack.https_port), 10, (address, 0))
    with trust.wrap_socket(plain, server_hostname="localhost") as tls:
        yield tls


def leave(stack: Stack, photo: bytes) -> None:
    """After the whole photo, and half-way; as a phone in a tunnel does, without a farewell."""
    for part in (photo, photo[: len(photo) // 2]):
        with connection(stack, "127.0.5.5") as tls:
            tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            tls.sendall(f"{HEAD}Content-Length: {len(photo)}\r\n\r\n".encode() + part)


def soak(stack: Stack, requests: int = 20_000, settle: int = 1000) -> Finding:
    """Photos of every size, and bad ones; what the workers hold after `settle` and at the end.
    The stack must not renew its workers: `breakable_stack` sees to that.

    What grows is weighed without the pages of libraries: their share rises when any other
    program on the host that has loaded the same ones ends.
    """
    photos = [portrait(size) for size in (200, 512, 900, 1400, 2000)]
    photos += [crowd(), b"no photo", photos[1][:5000], b""]
    random.Random(1).shuffle(photos)
    answers: list[Answer] = []
    weighed = []
    for number in (settle, requests - settle):
        with load(stack, photos, clients=4) as part:
            while len(part) < number:
                time.sleep(0.1)
        answers += part
        workers = stack.workers(stack.master())  # at rest
        weighed.append({each: (pss(each, "Pss_Anon"), handles(each)) for each in workers})
    before, after = weighed
    same = before.keys() & after.keys()
    growth = [100 * (after[worker][0] / before[worker][0] - 1) for worker in same]
    more = [after[worker][1] - before[worker][1] for worker in same]
    bad = [each for each in answers if each.status not in (200, 400, 413, 415, 422)]
    figures = {
        "unexpected answers": (len(bad), 0),
        "workers that died": (len(before) - len(same), 0),
        "MB of a worker (PSS) at the end": (max(pss(each) for each in after), 350),
        "growth of a worker's own, %": (max(growth), 2),
        "file handles more": (max(more), 0),
    }
    return Finding(f"soak, {len(answers)} requests", figures, statuses(answers))


def handles(process: int) -> int:
    return len(list(Path(f"/proc/{process}/fd").iterdir()))
