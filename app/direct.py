"""What only reaches uWSGI without nginx in front: bodies in chunks, and requests that are none."""

import io
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.exceptions import BadRequest

from app.server import uwsgi


class Chunks(io.RawIOBase):
    """The body of the current request. Raises BadRequest when it is broken or does not arrive."""

    _rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            self._rest = self._rest or uwsgi.chunked_read()
        except OSError:
            raise BadRequest("The body broke off, or its chunks are broken.") from None
        piece, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)


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
