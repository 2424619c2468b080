"""Takes the photo out of a request: spooled, then decoded."""

import shutil

from flask import request

from app import spool
from model import photo
from model.photo import Photo, PhotoError

FIELD = "file"


def from_form() -> Photo:
    """The photo in the form field `file`. Raises PhotoError."""
    upload = request.files.get(FIELD)
    if upload is None:
        raise PhotoError(
            "missing_file", f"Send the photo as multipart/form-data in the field '{FIELD}'."
        )
    with upload.stream as file:
        return photo.decode(file.read(photo.MAX_BYTES + 1))


def from_body() -> Photo:
    """The photo sent as the request's body. Raises PhotoError."""
    with spool.open_file() as file:
        shutil.copyfileobj(request.stream, file)
        file.seek(0)
        return photo.decode(file.read(photo.MAX_BYTES + 1))
