"""The query of the routes under `/v1`: what a client wants to know of a photo."""

from dataclasses import dataclass

from flask import request
from werkzeug.exceptions import BadRequest

from app.settings import FACES_AT_MOST
from model.photo import MAX_SIDE


@dataclass(frozen=True)
class Options:
    """`distribution`: whether to give the probability of every age; `max_faces`: to judge, at most,
    if the operator's limit allows as many; `min_size`: of the shorter side of a face's box, in
    pixels of the photo as sent."""

    distribution: bool
    max_faces: int
    min_size: int


def from_query() -> Options:
    """Raises BadRequest for a value out of range."""
    return Options(
        distribution=bool(_number("distribution", 0, 0, 1)),
        max_faces=_number("max_faces", FACES_AT_MOST, 1, FACES_AT_MOST),
        min_size=_number("min_size", 0, 0, MAX_SIDE),
    )


def _number(name: str, default: int, low: int, high: int) -> int:
    value = request.args.get(name, str(default))
    if value.isascii() and value.isdigit() and len(value) < 9 and low <= int(value) <= high:
        return int(value)
    allowed = f"{low} or {high}" if high - low == 1 else f"a whole number from {low} to {high}"
    raise BadRequest(f"{name} must be {allowed}.")
