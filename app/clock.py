"""A host whose clock is set, by more than a correction.

uWSGI's master looks after its workers when the clock says that a second is over. Set back by
hours, for hours it ends no hung worker and sees no touched file. A reload cures that.
"""

import time

try:
    import uwsgi
except ImportError:  # any other WSGI server
    uwsgi = None

SECONDS = 10  # less does no harm


def ahead() -> float:
    """Seconds by which the host's clock is ahead of one that nobody can set."""
    return time.time() - time.monotonic()


at_start = ahead()  # the master's, before it forked


def reload_if_set() -> None:
    """Forward too: what is wrong is put right later. Supervisor's health check calls this once
    a minute."""
    if uwsgi and abs(ahead() - at_start) > SECONDS:
        uwsgi.reload()  # as by HUP: no request is lost
