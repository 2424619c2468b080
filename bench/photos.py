"""The photos of the measurements: NASA's portrait of Eileen Collins at several sizes and in groups,
encoded as a camera would."""

import io
from collections.abc import Iterable
from functools import cache

import numpy as np
from PIL import Image, ImageOps
from skimage import data

from deploy.testing import photos as portraits

GRAIN = 4  # standard deviation of the noise; a smooth image would decode too fast
SIZES = {"1 MP": (1152, 864), "3 MP": (2000, 1500), "12 MP": (4000, 3000)}
USUAL = SIZES["3 MP"]


@cache
def photos() -> dict[str, bytes]:
    """Name -> file. Each is 4:3; all but the first three are of 3 megapixels."""
    cup, rocket = (
        encode(ImageOps.fit(Image.fromarray(pixels), USUAL))
        for pixels in (portraits.no_face(), data.rocket())
    )
    return {f"{name} JPEG": encode(portrait(size)) for name, size in SIZES.items()} | {
        "PNG": encode(portrait(), "PNG"),
        "WebP": encode(portrait(), "WEBP"),
        "five faces": encode(crowd(5)),
        "twenty faces": encode(crowd(20)),
        "no face": cup,  # its rim looks like a face to the glance
        "no face, rocket": rocket,
    }


def content_type(photo: bytes) -> str:
    with Image.open(io.BytesIO(photo)) as image:
        return image.get_format_mimetype() or ""


def portrait(size: tuple[int, int] = USUAL) -> Image.Image:
    """Head and shoulders. The face is a fifth of the longer side: the glance is enough."""
    return ImageOps.fit(Image.fromarray(portraits.astronaut()), size, centering=(0.5, 0))


def crowd(faces: int) -> Image.Image:
    """The same face up to twenty times, five in a row, so small that the detector looks closer."""
    side = USUAL[0] // 5
    return _wall((side, number % 5 * side, number // 5 * side * 9 // 10) for number in range(faces))


def family(faces: int) -> Image.Image:
    """One large face, alone a matter of the glance, and up to twelve small ones beside it."""
    small = ((330, 1000 + number % 3 * 333, number // 3 * 350) for number in range(faces - 1))
    return _wall([(1000, 0, 0), *small])


def _wall(places: Iterable[tuple[int, int, int]]) -> Image.Image:
    """The face at each place: (side, left, top) in pixels."""
    wall = Image.new("RGB", USUAL, portraits.WALL)
    for side, left, top in places:
        wall.paste(portraits.face().resize((side, side)), (left, top))
    return wall


def encode(image: Image.Image, format: str = "JPEG") -> bytes:
    """The image with a camera's grain, at the quality of a phone."""
    grain = np.random.default_rng(0).normal(0, GRAIN, (image.height, image.width, 1))
    noisy = np.clip(np.asarray(image, np.float32) + grain, 0, 255).astype(np.uint8)
    return portraits.encode(noisy, format, quality=88)
