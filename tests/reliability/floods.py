"""More clients than the stack can serve, clients that hold their connections, and the soak."""

import random
import resource
import socket
import ssl
import struct
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress

from deploy.testing.clients import Answer, Client, failures, load, longest, statuses
from deploy.testing.photos import crowd, portrait
from deploy.testing.processes import children, family, open_files, pss
from deploy.testing.stack import Stack
from deploy.testing.waiting import until
from model.photo import MAX_BYTES
from tests.reliability.results import Finding

TIMES = 15  # clients that wait for an answer send nothing, which leaves ten times the capacity
HEAD = "POST /v1/faces HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\n"


def overload(stack: Stack, seconds: float = 30, clients: int = 300, photo: bytes = b"") -> Finding:
    """Ten times what two busy clients a worker get through, each from its own address."""
    photo = photo or crowd()
    with load(stack, [photo], 2 * len(stack.workers())) as usual:
        time.sleep(seconds / 3)
    capacity = rate(usual)
    with load(stack, [photo], clients, pause=clients / (TIMES * capacity)) as answers:
        time.sleep(seconds)
        ended = time.monotonic()
    served = [answer for answer in answers if answer.status == 200]
    surplus = [answer for answer in answers if answer.status != 200]
    during = [answer for answer in answers if answer.ended < ended]
    with load(stack, [photo], 1) as after:
        time.sleep(3)
    counts = {
        "surplus requests": (len(surplus), None),
        "surplus without Retry-After": (sum(not each.is_busy for each in surplus), 0),
        "failures afterwards": (failures(after), 0),
    }
    speeds = {
        "photos/s before": (capacity, None),
        "offered, times as much": (rate(during, every=True) / capacity, None),
        "goodput lost, %": (100 - 100 * rate(during) / capacity, 10),
        "longest wait of the served, s": (longest(served), 20),
        "longest wait of the surplus, s": (longest(surplus), 20),
        "first answer afterwards, s": (after[0].seconds, 1),
    }
    return Finding("overload", counts, speeds, statuses(answers))


def rate(answers: list[Answer], every: bool = False) -> float:
    """Photos served a second, or all answers a second."""
    whole = max(each.ended for each in answers) - min(each.began for each in answers)
    return sum(every or each.status == 200 for each in answers) / whole


def slow_clients(stack: Stack, seconds: float = 20, each: int = 60) -> Finding:
    """Uploads of 1 byte a second, connections that send nothing, and clients that leave."""
    photo = portrait()
    with load(stack, [photo], 2) as usual:
        time.sleep(seconds / 4)
    with ExitStack() as held:
        slow = [held.enter_context(begun(stack, "127.0.3.3", len(photo))) for _ in range(each)]
        for number in range(each):
            address = (f"127.0.4.{number + 1}", 0)
            silent = socket.create_connection(("127.0.0.1", stack.https_port), 10, address)
            held.enter_context(silent)  # not even TLS
        with load(stack, [photo], 2) as answers:
            end = time.monotonic() + seconds
            for byte in photo:
                for upload in slow:
                    upload.sendall(bytes([byte]))
                leave(stack, photo)
                if time.monotonic() > end:
                    break
                time.sleep(1)
    counts = {"failures of honest clients": (failures(answers), 0)}
    speeds = {
        "photos/s of honest clients lost, %": (100 - 100 * rate(answers) / rate(usual), 20),
        "longest wait of honest clients, s": (longest(answers), 2),
    }
    return Finding(f"{each} slow, {each} silent clients, others that leave", counts, speeds)


def slow_uploads(
    stack: Stack, seconds: float = 60, each: int = 1000, addresses: int = 20
) -> Finding:
    """Uploads of 10 MB at 1 byte a second, many from each address, beside two honest clients."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    before = nginx_memory(stack)
    with ExitStack() as opened:
        names = [f"127.0.6.{number % addresses + 1}" for number in range(each)]
        slow = [opened.enter_context(begun(stack, name, MAX_BYTES)) for name in names]
        with load(stack, [portrait()], 2) as answers:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                for upload in slow:
                    with suppress(OSError):  # it may have been refused
                        upload.sendall(b"x")
                time.sleep(1)
        more = nginx_memory(stack) - before
        held = sum(map(is_held, slow))
    counts = {
        "failures of honest clients": (failures(answers), 0),
        "slow uploads refused or cut off": (each - held, 0),
    }
    speeds = {
        "longest wait of honest clients, s": (longest(answers), 2),
        "kB of nginx's memory for each": (1000 * more / each, 100),
    }
    return Finding(
        f"{each} slow uploads from {addresses} addresses", counts, speeds, statuses(answers)
    )


def full_bodies(stack: Stack, room: int = 32) -> Finding:
    """Clients send all but one byte of 10 MB and then wait: together more than the `room` MB that
    nginx has for bodies."""
    large, small = portrait(2000), portrait(200)
    with closing(Client(stack)) as client:
        with ExitStack() as opened:
            for _ in range(room // 10 + 1):
                upload = opened.enter_context(begun(stack, "127.0.8.8", MAX_BYTES))
                with suppress(OSError):  # the last one is refused
                    upload.sendall(bytes(MAX_BYTES - 1))
            full = [client.upload(large) for _ in range(20)]
            fits = [client.upload(small) for _ in range(20)]
        until(lambda: client.upload(large).status == 200)  # nginx has seen them leave
        after = [client.upload(large) for _ in range(20)]
    counts = {
        "without Retry-After": (sum(not answer.is_busy for answer in full), 0),
        "failures of photos of some kB": (failures(fits), 0),
        "failures once there is room": (failures(after), 0),
    }
    speeds = {"longest wait, s": (longest(full + fits), 1)}
    return Finding("no room left for bodies", counts, speeds, statuses(full + fits + after))


def is_held(upload: ssl.SSLSocket) -> bool:
    """Whether nginx waits for more: it has neither answered nor closed the connection."""
    upload.setblocking(False)
    try:
        upload.recv(1)
    except ssl.SSLWantReadError:
        return True
    except OSError:
        pass
    return False


def nginx_memory(stack: Stack) -> float:
    """MB of nginx's workers without shared libraries."""
    return sum(pss(worker, "Pss_Anon") for worker in children(stack.nginx()))


@contextmanager
def begun(stack: Stack, address: str, length: int, part: bytes = b"") -> Iterator[ssl.SSLSocket]:
    """An upload of `length` bytes from `address`, of which `part` has been sent."""
    with stack.connect(address) as tls:
        tls.sendall(f"{HEAD}Content-Length: {length}\r\n\r\n".encode() + part)
        yield tls


def leave(stack: Stack, photo: bytes) -> None:
    """Break off after the whole photo, and halfway."""
    for part in (photo, photo[: len(photo) // 2]):
        with begun(stack, "127.0.5.5", len(photo), part) as tls:
            break_off(tls)


def break_off(tls: socket.socket) -> None:
    """Have the socket closed by a TCP reset instead of TLS's and TCP's goodbyes, as when a phone
    loses its network."""
    tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def own_memory(worker: int) -> float:
    """MB of a worker and its decoder without shared libraries."""
    return sum(pss(each, "Pss_Anon") for each in family(worker))


def soak(stack: Stack, requests: int = 20_000, settle: int = 1000) -> Finding:
    """Photos of every size, and bad ones; the workers' memory after `settle` requests and at the
    end. The stack must not renew its workers.

    Growth is measured without the pages of libraries: a worker's share of those rises whenever
    another program that has loaded them ends.
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
        workers = stack.workers()  # at rest
        weighed.append({each: (own_memory(each), len(open_files(each))) for each in workers})
    before, after = weighed
    same = before.keys() & after.keys()
    growth = [100 * (after[worker][0] / before[worker][0] - 1) for worker in same]
    more = [after[worker][1] - before[worker][1] for worker in same]
    bad = [each for each in answers if each.status not in (200, 400, 413, 415, 422)]
    counts = {
        "unexpected answers": (len(bad), 0),
        "workers that died": (len(before) - len(same), 0),
        "open files more": (max(more), 0),
    }
    speeds = {
        "MB of a worker (PSS) at the end": (
            max(sum(map(pss, family(each))) for each in after),
            350,
        ),
        "growth of a worker's own memory, %": (max(growth), 2),
    }
    return Finding(f"soak, {len(answers)} requests", counts, speeds, statuses(answers))
