"""Where a photo lies for the length of one request, and nothing longer.

Photos are written as files without a name (O_TMPFILE, through Python's tempfile): the kernel
drops them when they are closed, also when the worker is killed half-way.
"""

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

from flask import Request, current_app
from werkzeug.exceptions import HTTPException


def prepare(folder: Path) -> None:
    """Make the spool private and empty. Raises PermissionError when it is another user's."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.is_symlink():
        raise PermissionError(f"the spool must not be a link: {folder}")
    folder.chmod(0o700)
    # a file system without O_TMPFILE may have left a name behind when a worker was killed
    for leftover in folder.iterdir():
        leftover.unlink()


def open_file() -> IO[bytes]:
    """A nameless file in the spool; gone when closed."""
    return tempfile.TemporaryFile(dir=current_app.config["SPOOL"])


class SpooledRequest(Request):
    """Parses uploads straight into the spool: Werkzeug's own choice is the system's folder for
    temporary files, which may be a disk."""

    _spooled: tuple[IO[bytes], ...] = ()

    def _get_file_stream(self, *_args, **_kwargs) -> IO[bytes]:
        file = open_file()
        self._spooled += (file,)
        return file

    def close(self) -> None:
        """Flask calls this at the end of every request, also of one whose form broke off."""
        super().close()
        for file in self._spooled:
            file.close()
        # an answer before the body was read would reach nginx as a broken connection: a 503
        with suppress(HTTPException, OSError):
            while self.stream.read(64 * 1024):
                pass
