"""Takes the photos out of a request: spooled, then decoded in a sandbox."""

import shutil
from contextlib import ExitStack
from typing import IO

from flask import current_app, request

from app import fetch, forms, json_photo, spool
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
    if kind == "application/json":
        return from_json("image", "url")
    raise PhotoError(
        "unsupported_type",
        "Send multipart/form-data with a field 'file', an image/* body, or JSON.",
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


def from_json(*names: str) -> Photo:
    """The photo in a JSON body whose member has one of these names: `image` holds it, any other
    name the address of one to fetch.

    Raises PhotoError, and what `json_photo` raises.
    """
    if request.mimetype != "application/json":
        raise PhotoError("unsupported_type", "Send JSON, with Content-Type: application/json.")
    name, text = json_photo.text(request.stream.read(), names)
    data = json_photo.image(text) if name == "image" else _fetched(text)
    return current_app.extensions["decoder"].decode(data)


def _fetched(url: str) -> bytes:
    sites = current_app.config["FETCH_FROM"]
    if not sites:
        raise PhotoError("url_refused", "This service fetches no photos. Send the photo itself.")
    return fetch.fetch(*fetch.find(url, sites))


def decoded(file: IO[bytes]) -> Photo:
    """The photo in a spooled file. Raises PhotoError."""
    file.seek(0)
    return current_app.extensions["decoder"].decode(file.read(photo.MAX_BYTES + 1))
