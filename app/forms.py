"""The files in a multipart form, the only kind of body that is parsed.

Werkzeug's decoder splits the form. It would spend half a minute on parameters that fill 10 MB, so
the size of a part's head and the number of parts are limited here, and only our files are kept.
"""

from collections.abc import Callable
from typing import IO

from flask import Request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.sansio.multipart import (
    Data,
    Epilogue,
    Event,
    Field,
    File,
    MultipartDecoder,
    NeedData,
    State,
)

from model.photo import PhotoError

TYPE = "multipart/form-data"
FIELD = "file"
MAX_PARTS = 32
HEAD_BYTES = 8 * 1024  # of one part
PIECE = 64 * 1024  # bytes read at a time

# where a file of our field is written: given its number, from 0, and a file
Place = Callable[[int, IO[bytes]], IO[bytes] | None]


class Decoder(MultipartDecoder):
    """Looks at no head that is too large. Raises RequestEntityTooLarge."""

    def next_event(self) -> Event:
        if self.state == State.PART and len(self.buffer) > HEAD_BYTES:
            head = self.buffer[:HEAD_BYTES]
            if not any(end in head for end in (b"\r\n\r\n", b"\n\n", b"\r\r")):
                raise RequestEntityTooLarge
        return super().next_event()


def boundary(request: Request) -> bytes:
    """The boundary of a form, from the headers alone.

    Raises PhotoError (`unsupported_type`, or `missing_file` without Content-Type) for any other
    body, and BadRequest when there is no boundary.
    """
    if request.mimetype != TYPE:
        code = "unsupported_type" if request.mimetype else "missing_file"
        raise PhotoError(code, f"Send the photo as multipart/form-data in the field '{FIELD}'.")
    found = request.mimetype_params.get("boundary", "")
    if not found or not found.isascii():
        raise BadRequest(
            "Content-Type has no valid boundary. Let your HTTP library set this header."
        )
    return found.encode()


def first_file(number: int, file: IO[bytes]) -> IO[bytes] | None:
    """For `/upload`, whose contract is older than the rule of `only_file`: further files are
    dropped."""
    return None if number else file


def only_file(number: int, file: IO[bytes]) -> IO[bytes]:
    """Raises PhotoError (`several_files`) for a second file."""
    if number:
        text = f"The form has more than one file in the field '{FIELD}'. /v1/batch takes several."
        raise PhotoError("several_files", text)
    return file


def copy_files(
    stream: IO[bytes], boundary: bytes, place: Callable[[int], IO[bytes] | None]
) -> None:
    """Read the form, and write each file in the field FIELD where `place` says, given its number:
    None drops it.

    Raises PhotoError (`missing_file`), BadRequest for a form that cannot be read,
    RequestEntityTooLarge, and what `place` raises.
    """
    decoder = Decoder(boundary, 4 * PIECE, max_parts=MAX_PARTS)
    others: list[Field | File] = []
    found, to = 0, None  # to: where the part that is being read goes
    try:
        while not isinstance(event := decoder.next_event(), Epilogue):
            if isinstance(event, NeedData):
                decoder.receive_data(stream.read(PIECE) or None)
            elif isinstance(event, File) and event.name == FIELD:
                to = place(found)
                found += 1
            elif isinstance(event, Field | File):
                to = None
                others.append(event)
            elif isinstance(event, Data) and to:
                to.write(event.data)
    except PhotoError:
        raise
    except ValueError as error:
        raise BadRequest(_explained(str(error))) from None
    if not found:
        raise PhotoError("missing_file", _what_there_is_instead(others))


def _what_there_is_instead(parts: list[Field | File]) -> str:
    if any(part.name == FIELD for part in parts):
        return f"The field '{FIELD}' is a text. Send it as a file, with a file name."
    if any(isinstance(part, File) for part in parts):
        return f"The form has a file, but not in the field '{FIELD}'."
    return f"The form has no field '{FIELD}'."


def _explained(error: str) -> str:
    """Werkzeug's message in our words. It names the state in which the body ended."""
    if error.endswith("State.PREAMBLE"):
        return "The body does not have the boundary that Content-Type names."
    if "State." in error:
        return "The body breaks off before its last boundary."
    return "A part of the form has a head that cannot be read."
