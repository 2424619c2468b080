"""Which TIFF files are photos, and their decoding without a word to the log."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from PIL.TiffImagePlugin import TiffImageFile

COMPRESSIONS = {
    *("raw", "packbits", "tiff_lzw", "tiff_deflate", "tiff_adobe_deflate", "jpeg"),
    *("tiff_ccitt", "group3", "group4"),
}
NUMBERS = ("I", "F")  # modes of measured values: heights, temperatures
NOWHERE = os.open(os.devnull, os.O_WRONLY)  # opened here: a sandbox may forbid it later
SUBFILE, DNG_VERSION = 254, 50706  # tags


def is_raw(image: TiffImageFile) -> bool:
    """Whether this is a camera's raw file: its first picture is a reduced one."""
    return bool(image.tag_v2.get(SUBFILE, 0) & 1) or DNG_VERSION in image.tag_v2


def is_usual(image: TiffImageFile) -> bool:
    """Whether it holds a picture, compressed in a way that is common and cheap to undo."""
    return image.info["compression"] in COMPRESSIONS and image.mode not in NUMBERS


@contextmanager
def silent() -> Iterator[None]:
    """Nothing reaches stderr in this block: libtiff writes there what is wrong with a file."""
    stderr = os.dup(2)
    try:
        os.dup2(NOWHERE, 2)
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
