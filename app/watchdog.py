"""A watchdog timer in each of uWSGI's workers: the kernel kills a worker that does not restart it.

uWSGI's harakiri ends a request that takes too long. It does not see a worker that hangs between
two requests or while it exits, and it counts by the host's clock, which may be set. This timer
counts by the monotonic clock. A worker restarts it when a request begins, and whenever uWSGI's
master sends the signal BEAT (`signal-timer` in uwsgi.ini), which a worker receives only while it
waits for requests. The kernel needs no help from the worker, so it also ends one that is stopped.
"""

import ctypes
import os
import time

from flask import Flask, Response

from app.server import uwsgi

BEAT = 1
IDLE = 20  # seconds; the master sends BEAT every two
LOADING = 300  # with lazy-apps a worker loads the model before it waits for requests
SIGEV_SIGNAL, SIGKILL = 0, 9


class SigEvent(ctypes.Structure):
    """struct sigevent: what a timer does when it expires."""

    _fields_ = [
        ("value", ctypes.c_void_p),
        ("signal", ctypes.c_int),
        ("notify", ctypes.c_int),
        ("rest", ctypes.c_byte * 48),
    ]


class TimerSpec(ctypes.Structure):
    """struct itimerspec: when a timer expires."""

    _fields_ = [
        (name, ctypes.c_long) for name in ("interval_s", "interval_ns", "first_s", "first_ns")
    ]


class Watchdog:
    """Kills this process with SIGKILL unless it is restarted in time. Ends with a fork."""

    def __init__(self) -> None:
        """Raises OSError when the kernel gives no timer."""
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._timer = ctypes.c_void_p()
        event = SigEvent(None, SIGKILL, SIGEV_SIGNAL)
        timer = ctypes.byref(self._timer)
        self._check(self._libc.timer_create(time.CLOCK_MONOTONIC, ctypes.byref(event), timer))

    def restart(self, seconds: int) -> None:
        """From now on this process has so many seconds; 0: as many as it likes."""
        spec = TimerSpec(0, 0, seconds, 0)
        self._check(self._libc.timer_settime(self._timer, 0, ctypes.byref(spec), None))

    def _check(self, failed: int) -> None:
        if failed:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


watchdog: Watchdog | None = None  # of this worker


def start() -> None:
    """Called in each worker after the fork."""
    global watchdog
    watchdog = Watchdog()
    watchdog.restart(LOADING if "lazy-apps" in uwsgi.opt else IDLE)


def beat(_signal: int) -> None:
    if watchdog:
        watchdog.restart(IDLE)


def request_seconds() -> int:
    """How long a request may take: half as long again as harakiri, which comes first; 0 without."""
    given = uwsgi.opt.get("harakiri", b"0")
    last = given if isinstance(given, bytes) else given[-1]
    return int(last) * 3 // 2


def register(app: Flask) -> None:
    """Give each request its time, and idleness its own again when the answer has been sent."""
    if not uwsgi:
        return
    limit = request_seconds()

    @app.before_request
    def begin() -> None:
        if watchdog:
            watchdog.restart(limit)

    @app.after_request
    def end(answer: Response) -> Response:
        answer.call_on_close(lambda: beat(BEAT))
        return answer


if uwsgi:  # in the master, which imports this module before it forks (uwsgi.ini)
    uwsgi.register_signal(BEAT, "workers", beat)
    uwsgi.post_fork_hook = start
