"""From a request to a decoded photo, through the spool."""

import shutil

from flask import request

from app import spool
from model import photo
from model.photo import Photo, PhotoError

FIELD = "file"


def photo_of_form() -> Photo:
    """The photo in the multipart field `file`. Raises PhotoError."""
    upload = request.files.get(FIELD)
    if upload is None:
        raise PhotoError(
            "missing_file", f"Send the photo as multipart/form-data in the field '{FIELD}'."
        )
    with upload.stream as file:
        return photo.decode(file.read(photo.MAX_BYTES + 1))


def photo_of_body() -> Photo:
    """The photo that is the request's whole body. Raises PhotoError."""
    with spool.open_file() as file:
        shutil.copyfileobj(request.stream, file)
        file.seek(0)
        return photo.decode(file.read(photo.MAX_BYTES + 1))
