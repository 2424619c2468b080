"""Detects that the host's clock was set by more than a small correction.

uWSGI's master checks its workers once a second by the host's clock. After the clock was set back by
hours, it would for hours neither end a hung worker nor notice a touched reload file. A reload fixes
that.
"""

import time

from app.server import uwsgi

TOLERANCE = 10  # seconds; smaller steps are harmless


def offset() -> float:
    """Seconds between the host's clock and the monotonic clock, which cannot be set."""
    return time.time() - time.monotonic()


at_start = offset()  # read in the master, before it forks


def reload_uwsgi_if_set() -> None:
    """Ask uWSGI to reload when the clock was set since the start. Forward counts too, because a
    wrong clock is corrected backward later. No request is lost."""
    if uwsgi and abs(offset() - at_start) > TOLERANCE and all_listen():
        uwsgi.reload()


def all_listen() -> bool:
    """Whether every worker has waited for requests. One that is still starting would miss the order
    to end, and the master would wait for it by the clock that was set."""
    return all(worker["requests"] or worker["signals"] for worker in uwsgi.workers())
