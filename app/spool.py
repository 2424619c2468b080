"""The folder that holds each photo during its request and no longer.

Photos are files without a name (O_TMPFILE, through Python's tempfile): the kernel frees them when
they are closed, even when the worker is killed.
"""

import fcntl
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

from flask import Request, current_app
from werkzeug.exceptions import HTTPException

from app.server import uwsgi

REST_BYTES = 100 * 1024 * 1024  # of a body that are read although no one wants them


def prepare(folder: Path) -> None:
    """Make the spool private and empty. Raises PermissionError when it is a link or another
    user's, or when another service uses it."""
    make_private(folder)
    if uwsgi and not uwsgi.worker_id():  # in the master, before it forks
        claim(folder)
    # without O_TMPFILE in the file system, a killed worker may have left a named file
    for leftover in folder.iterdir():
        leftover.unlink()


def make_private(folder: Path) -> None:
    """Make a folder that nobody else may enter. Raises PermissionError when it is a link or another
    user's: in /dev/shm anybody could have made it before us."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise PermissionError(f"{folder} must not be a link or another user's")
    folder.chmod(0o700)


def counters(folder: Path) -> Path:
    """The folder beside the spool for what /metrics counts (app/metrics.py)."""
    return folder.with_name(f"{folder.name}-metrics")


def claim(folder: Path) -> None:
    """Keep the spool, and the counters beside it, to this service for as long as it runs. The lock
    is the master's alone: what a killed master leaves behind does not hold it.

    Raises PermissionError when another service has it.
    """
    make_private(counters(folder))
    lock = os.open(counters(folder) / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, mode=0o600)
    try:
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise PermissionError(f"another service uses the spool {folder}") from None


def open_file() -> IO[bytes]:
    """A file without a name in the spool; closing it frees it."""
    return tempfile.TemporaryFile(dir=current_app.config["SPOOL"])


class UnparsedRequest(Request):
    """Leaves its body to `app.forms`. Werkzeug would parse any form, of any size, and write files
    to the system's temporary folder, which may be on a disk."""

    want_form_data_parsed = False

    def close(self) -> None:
        """Flask calls this at the end of every request, even when its form was cut off."""
        super().close()
        # read the rest of the body: otherwise nginx sees a broken connection and answers 503, and a
        # client without nginx in between may lose the answer
        left = REST_BYTES
        with suppress(HTTPException, OSError):
            # uWSGI's own, because Werkzeug's refuses to read more than the limit
            stream = self.environ["wsgi.input"] if uwsgi else self.stream
            while left > 0 and (piece := stream.read(64 * 1024)):
                left -= len(piece)
