"""nginx's processes killed while clients upload, and what its queue holds."""

import os
import re
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

from deploy.testing.clients import Answer, Client, failures, load, statuses
from deploy.testing.photos import portrait
from deploy.testing.processes import children, frozen
from deploy.testing.stack import Stack
from deploy.testing.waiting import until
from tests.reliability.faults import await_more
from tests.reliability.floods import begun, is_held
from tests.reliability.results import Finding

ADDRESS = "127.0.9.9"
CLIENTS = 300  # more than there are places


def killed_nginx_workers(stack: Stack, times: int = 5, clients: int = 60) -> Finding:
    """SIGKILL to all of nginx's workers at once, while more clients upload than uWSGI's workers
    serve, and one address has 80 slow uploads. A kill breaks connections. What it must not take is
    places in the queue, or connections that the address may have."""
    full = places(stack)
    with load(stack, [portrait()], clients, pause=0.2) as answers:
        for _ in range(times):
            with ExitStack() as opened:
                for _ in range(80):
                    opened.enter_context(begun(stack, ADDRESS, 1000))
                kill_nginx_workers(stack)
            await_more(answers, 2 * clients)
    until(lambda: busy_workers(stack) == 1)  # uWSGI also serves requests whose nginx is gone
    with closing(Client(stack)) as lone, begun(stack, ADDRESS, 1000) as slow:
        after = [lone.upload(portrait()) for _ in range(20)]
        refused = not is_held(slow)
    counts = {
        "places before": (full, None),
        "places lost": (full - places(stack), 0),
        "failures of a lone client afterwards": (failures(after), 0),
        "a slow upload refused afterwards": (refused, 0),
    }
    fault = f"all nginx workers killed, {times} times, under load"
    return Finding(fault, counts, answers=statuses(answers))


def kill_nginx_workers(stack: Stack) -> None:
    """And wait until others have taken their places."""
    old = children(stack.nginx())
    for worker in old:
        os.kill(worker, signal.SIGKILL)
    until(lambda: len(children(stack.nginx()) - old) == len(old))


def busy_workers(stack: Stack) -> int:
    """Of uWSGI's. The one that says so is one of them."""
    text = stack.curl(f"{stack.inside}/metrics").body
    return int(float(re.findall(r"^yanling_workers_busy (.*)", text, re.MULTILINE)[0]))


def places(stack: Stack, clients: int = CLIENTS) -> int:
    """How many of as many clients, each from its own address, are kept waiting while uWSGI serves
    nobody. The others get a busy answer."""
    with ThreadPoolExecutor(clients) as pool, frozen(stack.workers()):
        uploads = [pool.submit(upload_once, stack) for _ in range(clients)]
        until_settled(lambda: sum(upload.done() for upload in uploads))
        refused = [upload for upload in uploads if upload.done()]
    answers = [upload.result() for upload in refused]
    if not all(answer.is_busy for answer in answers):
        raise AssertionError(f"refused otherwise than documented: {statuses(answers)}")
    return clients - len(refused)


def upload_once(stack: Stack) -> Answer:
    with closing(Client(stack)) as client:
        return client.upload(portrait(200))


def until_settled(count: Callable[[], int], seconds: float = 2) -> None:
    """Wait until there is a count and it has not changed for so long."""
    until(count)
    last, since = count(), time.monotonic()
    while time.monotonic() - since < seconds:
        time.sleep(0.05)
        if (now := count()) != last:
            last, since = now, time.monotonic()
