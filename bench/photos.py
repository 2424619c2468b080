"""The photos that the measurements use: NASA's portrait of Eileen Collins at every size, and in
crowds, as a camera would send it."""

import io
from functools import cache

import numpy as np
from PIL import Image, ImageOps
from skimage import data

GRAIN = 4  # standard deviation of the noise; a smooth picture would decode too fast
WALL = (120, 130, 140)
SIZES = {"1 MP": (1152, 864), "3 MP": (2000, 1500), "12 MP": (4000, 3000)}


@cache
def photos() -> dict[str, bytes]:
    """Name -> file. Each is 4:3; all but the first three are of 3 megapixels."""
    wanted = {f"{name} JPEG": (portrait(size), "JPEG") for name, size in SIZES.items()}
    wanted |= {
        "PNG": (portrait(), "PNG"),
        "WebP": (portrait(), "WEBP"),
        "five faces": (crowd(5), "JPEG"),
        "twenty faces": (crowd(20), "JPEG"),
        "no face": (ImageOps.fit(Image.fromarray(data.coffee()), SIZES["3 MP"]), "JPEG"),
    }
    return {name: encode(*what) for name, what in wanted.items()}


def content_type(photo: bytes) -> str:
    with Image.open(io.BytesIO(photo)) as image:
        return image.get_format_mimetype() or ""


def portrait(size: tuple[int, int] = SIZES["3 MP"]) -> Image.Image:
    """Head and shoulders: the face is a fifth of the longer side, and one look finds it."""
    return ImageOps.fit(Image.fromarray(data.astronaut()), size, centering=(0.5, 0))


def crowd(faces: int, columns: int = 5, size: tuple[int, int] = SIZES["3 MP"]) -> Image.Image:
    """The same face `faces` times in rows of five, at most twenty."""
    side = size[0] // columns
    face = Image.fromarray(data.astronaut()).crop((130, 0, 330, 200)).resize((side, side))
    wall = Image.new("RGB", size, WALL)
    for number in range(faces):
        row, column = divmod(number, columns)
        wall.paste(face, (column * side, row * side * 9 // 10))
    return wall


def family(faces: int, size: tuple[int, int] = SIZES["3 MP"]) -> Image.Image:
    """One large face, which lets the detector look no closer, and small ones beside it, at most
    thirteen in all."""
    face = Image.fromarray(data.astronaut()).crop((130, 0, 330, 200))
    wall = Image.new("RGB", size, WALL)
    wall.paste(face.resize((1000, 1000)), (0, 0))
    for number in range(faces - 1):
        row, column = divmod(number, 3)
        wall.paste(face.resize((330, 330)), (1000 + 333 * column, 350 * row))
    return wall


def encode(image: Image.Image, format: str = "JPEG") -> bytes:
    """With a camera's grain, and as much quality as phones use."""
    grain = np.random.default_rng(0).normal(0, GRAIN, (image.height, image.width, 1))
    noisy = np.clip(np.asarray(image, np.float32) + grain, 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noisy).save(buffer, format, quality=88)
    return buffer.getvalue()
