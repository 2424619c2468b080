"""What only reaches uWSGI without nginx in front: bodies in chunks, and requests that are none."""

import io
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.exceptions import BadRequest

from app.server import uwsgi

MAX_CHUNKS = 100_000  # of a body; clients send a few kilobytes in each


class Chunks(io.RawIOBase):
    """The body of the current request. Raises BadRequest when it is broken, does not arrive, or
    comes in so many chunks that reading them would take half a minute."""

    _rest = b""
    _count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = self._next()
        piece, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)

    def _next(self) -> bytes:
        self._count += 1
        if self._count > MAX_CHUNKS:
            raise BadRequest(f"The body comes in more than {MAX_CHUNKS} chunks.")
        try:
            return uwsgi.chunked_read()
        except OSError:
            raise BadRequest("The body broke off, or its chunks are broken.") from None


def readable(app: Callable) -> Callable:
    """The WSGI application, given a chunked body as a stream that ends."""

    def wrapped(environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        if "REQUEST_METHOD" not in environ:
            start_response("400 Bad Request", [])
            return []
        if uwsgi and environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
            environ |= {"wsgi.input": io.BufferedReader(Chunks()), "wsgi.input_terminated": True}
            environ.pop("CONTENT_LENGTH", None)
        return app(environ, start_response)

    return wrapped
