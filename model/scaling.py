"""A decoded picture of any kind -> RGB of a moderate size, in little more memory than it takes."""

from itertools import product
from typing import Protocol

import numpy as np
from PIL import Image

WORKING_SIDE = 960  # pixels of the longer side that a scaled decode keeps, at least
PIECE = 512  # pixels; a large photo is scaled down in squares of this side


class Picture(Protocol):
    """A Pillow image, or anything else of which parts can be had as one."""

    @property
    def size(self) -> tuple[int, int]: ...

    def crop(self, box: tuple[int, int, int, int]) -> Image.Image: ...


def scaled(picture: Picture) -> Image.Image:
    """The picture in RGB, each side at most twice the working side; transparent parts are white."""
    image = _reduced(picture)
    image.thumbnail((2 * WORKING_SIDE, 2 * WORKING_SIDE), Image.Resampling.BOX)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")


def _reduced(picture: Picture) -> Image.Image:
    """A large picture scaled down by a whole factor, each pixel the mean of a square; smaller ones
    as they are. Piece by piece, because each conversion of the whole would take 200 MB more."""
    width, height = picture.size
    if max(width, height) < 4 * WORKING_SIDE:
        whole = picture if isinstance(picture, Image.Image) else picture.crop((0, 0, width, height))
        return _averageable(whole)
    factor = max(2, max(width, height) // (4 * WORKING_SIDE))
    mode = _averageable(picture.crop((0, 0, 1, 1))).mode
    small = Image.new(mode, (-(-width // factor), -(-height // factor)))
    step = PIECE * factor
    for left, top in product(range(0, width, step), range(0, height, step)):
        piece = picture.crop((left, top, min(left + step, width), min(top + step, height)))
        small.paste(_averageable(piece).reduce(factor), (left // factor, top // factor))
    return small


def _averageable(image: Image.Image) -> Image.Image:
    """The image in a mode whose pixels can be averaged."""
    if image.mode.startswith("I"):  # 16-bit grey: convert() would clip instead of scale
        return Image.fromarray((np.asarray(image) >> 8).astype("uint8"))
    if image.mode == "P" or "transparency" in image.info:
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    return image.convert("L") if image.mode == "1" else image
