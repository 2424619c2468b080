"""JPEG without Pillow, which would copy the pixels twice: into a layout of its own and back."""

import numpy as np
import simplejpeg
from PIL import Image


def decoded(data: bytes, image: Image.Image) -> np.ndarray | None:
    """The pixels of `data`, (h, w, 3) uint8 RGB, the same as those of `image`, which Pillow has
    opened but not loaded. None for what is no plain JPEG in colour, and where anything is wrong
    with it: there Pillow decides what can still be read."""
    if (image.format, image.mode) != ("JPEG", "RGB"):
        return None
    width, height = image.size  # scaled down, if Pillow was told so
    try:
        pixels = simplejpeg.decode_jpeg(data, min_height=height, min_width=width)
    except ValueError:
        return None
    return pixels if pixels.shape[:2] == (height, width) else None
