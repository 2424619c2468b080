"""Takes the photos out of a request: spooled, then decoded in a sandbox."""

import shutil
from contextlib import ExitStack
from typing import IO

from flask import current_app, request

from app import forms, spool
from model import photo
from model.photo import Photo, PhotoError


def from_request() -> Photo:
    """The photo of a request to `/v1/faces`, in any form that it may have. Raises PhotoError, and
    what `forms` raises."""
    kind = request.mimetype
    if kind == forms.TYPE:
        return from_form(forms.only_file)
    if kind.startswith("image/") or kind == "application/octet-stream":  # its first bytes tell
        return from_body()
    raise PhotoError(
        "unsupported_type", "Send multipart/form-data with a field 'file', or an image/* body."
    )


def from_form(place: forms.Place) -> Photo:
    """The photo in the form field `file`; `place`: see `forms`. Raises PhotoError, and what `forms`
    raises."""
    boundary = forms.boundary(request)
    with spool.open_file() as file:
        forms.copy_files(request.stream, boundary, lambda number: place(number, file))
        return decoded(file)


def files_from_form(open_files: ExitStack) -> list[IO[bytes]]:
    """Every file in the field `file`, spooled until `open_files` is closed. Raises what `forms`
    raises."""
    boundary, files = forms.boundary(request), list[IO[bytes]]()

    def place(_number: int) -> IO[bytes]:
        files.append(open_files.enter_context(spool.open_file()))
        return files[-1]

    forms.copy_files(request.stream, boundary, place)
    return files


def from_body() -> Photo:
    """The photo sent as the request's body. Raises PhotoError."""
    with spool.open_file() as file:
        shutil.copyfileobj(request.stream, file)
        return decoded(file)


def decoded(file: IO[bytes]) -> Photo:
    """The photo in a spooled file. Raises PhotoError."""
    file.seek(0)
    return current_app.extensions["decoder"].decode(file.read(photo.MAX_BYTES + 1))
