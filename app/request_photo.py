"""Takes the photo out of a request: spooled, then decoded in a sandbox."""

import shutil
from typing import IO

from flask import current_app, request

from app import forms, spool
from model import photo
from model.photo import Photo


def from_form() -> Photo:
    """The photo in the form field `file`. Raises PhotoError, and what `forms` raises."""
    boundary = forms.boundary(request)
    with spool.open_file() as file:
        forms.copy_file(request.stream, boundary, file)
        return _decoded(file)


def from_body() -> Photo:
    """The photo sent as the request's body. Raises PhotoError."""
    with spool.open_file() as file:
        shutil.copyfileobj(request.stream, file)
        return _decoded(file)


def _decoded(file: IO[bytes]) -> Photo:
    file.seek(0)
    return current_app.extensions["decoder"].decode(file.read(photo.MAX_BYTES + 1))
