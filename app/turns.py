"""Fair turns by seconds: clients whose photos take long make way for those who wait.

Behind nginx, uWSGI listens on several sockets, and nginx chooses among them by the client's address
(deploy/nginx/yanling.conf). A worker takes a request from each in turn. That shares out requests
fairly but not time, because one photo can take as long as fifty others. So each worker notes how
long the requests of each socket took. One from a socket where more wait, and that has had more time
than another one where somebody waits, gets 429. nginx then offers it again, at the end of another
queue, and answers its client only after the third 429. As long as nobody else waits, nothing is
refused.

And nobody waits for ever: a request that comes to a worker too late gets 503.
"""

import os
import select
import socket
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from pathlib import Path
from time import monotonic, time

from flask import Flask, Response, g, request

from app import server
from app.problems import problem
from app.server import uwsgi

QUEUED = "X-Queued-At"  # nginx's clock, in seconds, when it had received the request
QUEUE = "queue-"  # how the names of these sockets begin, see deploy/queues.ini
MARGIN = 0.05  # s; smaller differences are left alone
HALF_LIFE = 10  # s, after which half of the time that a socket has had is forgotten
# s. A reload on a busy host takes less. nginx gives up after 60: more means that the clock was set
PATIENCE = range(30, 60)


class Turns:
    """The time that each socket has had, in this process. `waiting` gives those sockets on which
    somebody waits now."""

    def __init__(self, waiting: Callable[[], set[str]]):
        self._waiting = waiting
        self._had: defaultdict[str, float] = defaultdict(float)
        self._at = 0.0

    def spend(self, name: str, seconds: float, now: float) -> None:
        faded = 0.5 ** ((now - self._at) / HALF_LIFE)
        self._had = defaultdict(float, {each: had * faded for each, had in self._had.items()})
        self._at = now
        self._had[name] += seconds

    def must_wait(self, name: str) -> bool:
        """Whether somebody waits on a socket that has had less than this one. Who does not even
        have others of its own queue behind it, such as a single phone, never has to."""
        most, waiting = self._had[name] - MARGIN, self._waiting()
        return name in waiting and any(self._had[other] < most for other in waiting)


def register(app: Flask) -> None:
    if not uwsgi:
        return
    turns = Turns(waiting)

    @app.before_request
    def offer() -> Response | None:
        g.queue, g.turn_began = queue(), monotonic()
        if not g.queue or request.method != "POST":
            return None
        if int(time() - float(request.headers.get(QUEUED, 0))) in PATIENCE:
            return refused("busy", "The service is too busy; try again in a few seconds.", "5")
        if turns.must_wait(g.queue):
            text = "It is the turn of others; try again in a few seconds."
            return refused("rate_limited", text, "2")
        return None

    @app.after_request
    def note(answer: Response) -> Response:
        if g.queue:
            turns.spend(g.queue, (now := monotonic()) - g.turn_began, now)
        return answer


def refused(code: str, detail: str, seconds: str) -> Response:
    answer = problem(code, detail)
    answer.headers["Retry-After"] = seconds
    return answer


def queue() -> str:
    """The name of the socket on which the current request came; empty without nginx's queues."""
    return name(uwsgi.connection_fd())


def name(descriptor: int) -> str:
    """Of a queue's socket, or of a connection to it; empty for any other."""
    with socket.socket(fileno=os.dup(descriptor)) as copy:
        address = copy.getsockname()
    path = Path(address if isinstance(address, str) else "").name
    return path if path.startswith(QUEUE) else ""


def waiting() -> set[str]:
    """The queues in which somebody waits."""
    poll = select.poll()
    for descriptor in listening():
        poll.register(descriptor, select.POLLIN)
    return {listening()[descriptor] for descriptor, _ in poll.poll(0)}


@cache
def listening() -> dict[int, str]:
    """The queues' sockets, which uWSGI's master has opened: file descriptor -> name."""
    found = {descriptor: name(descriptor) for descriptor in server.listening()}
    return {descriptor: queue for descriptor, queue in found.items() if queue}
