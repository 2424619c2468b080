"""Takes the photo out of a request: spooled, then decoded in a sandbox."""

import shutil

from flask import current_app, request

from app import spool
from model import photo
from model.photo import Photo, PhotoError

FIELD = "file"


def from_form() -> Photo:
    """The photo in the form field `file`. Raises PhotoError."""
    upload = request.files.get(FIELD)
    if upload is None:
        raise PhotoError("missing_file", _what_there_is_instead())
    with upload.stream as file:
        return current_app.extensions["decoder"].decode(file.read(photo.MAX_BYTES + 1))


def _what_there_is_instead() -> str:
    if request.mimetype != "multipart/form-data":
        return f"Send the photo as multipart/form-data in the field '{FIELD}'."
    if FIELD in request.form:
        return f"The field '{FIELD}' is a text. Send it as a file, with a file name."
    if request.files:
        return f"The form has a file, but not in the field '{FIELD}'."
    return f"The form has no field '{FIELD}'."


def from_body() -> Photo:
    """The photo sent as the request's body. Raises PhotoError."""
    with spool.open_file() as file:
        shutil.copyfileobj(request.stream, file)
        file.seek(0)
        return current_app.extensions["decoder"].decode(file.read(photo.MAX_BYTES + 1))
