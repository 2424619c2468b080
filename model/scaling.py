"""A decoded picture of any kind -> RGB of a moderate size, in little more memory than it takes."""

from itertools import product
from typing import Protocol

import numpy as np
from PIL import Image

# Pixels that a scaled decode keeps of each side, at least, unless the photo is longer than eight
# times its width: the detector finds small faces in relation to the shorter side
WORKING_SIDE, SHORTER_SIDE = 960, 540
MAX_ASPECT = 8
MOST_PIXELS = (2 * WORKING_SIDE) ** 2  # of a scaled picture; a square one has as many
PIECE = 512  # pixels; a large photo is scaled down in squares of this side


class Picture(Protocol):
    """A Pillow image, or anything else of which parts can be had as one."""

    @property
    def size(self) -> tuple[int, int]: ...

    def crop(self, box: tuple[int, int, int, int]) -> Image.Image: ...


def working_side(width: int, height: int) -> int:
    """The longer side, in pixels, that a scaled decode keeps, at least."""
    aspect = max(width, height) / min(width, height)
    return max(WORKING_SIDE, round(SHORTER_SIDE * min(aspect, MAX_ASPECT)))


def most(width: int, height: int) -> int:
    """The longer side, in pixels, of the scaled picture, at most."""
    return max(2 * WORKING_SIDE, working_side(width, height))


def scaled(picture: Picture) -> Image.Image:
    """The picture in RGB, of a moderate size; transparent parts are white."""
    side = most(*picture.size)
    image = _reduced(picture, 2 * side)
    image.thumbnail((side, side), Image.Resampling.BOX)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image if image.mode == "RGB" else image.convert("RGB")  # which would copy it


def _reduced(picture: Picture, side: int) -> Image.Image:
    """A picture with a side of at least `side` pixels scaled down by a whole factor, each pixel the
    mean of a square; smaller ones as they are. Piece by piece, because each conversion of the whole
    would take 200 MB more."""
    width, height = picture.size
    if max(width, height) < side:
        whole = picture if isinstance(picture, Image.Image) else picture.crop((0, 0, width, height))
        return _averageable(whole)
    factor = max(2, max(width, height) // side)
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
