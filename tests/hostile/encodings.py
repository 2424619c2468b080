"""One picture in every encoding that a decoder treats differently, as large as each may be."""

import struct
import zlib
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from deploy.testing.photos import encode
from model.photo import MAX_BYTES, MAX_PIXELS, MAX_PIXELS_OF, MAX_SCANS
from tests.hostile.sources import chunk

# of Adam7, PNG's interlacing: x and y of the first pixel, and the steps to the next
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2)]
PASSES += [(0, 1, 1, 2)]


class Encoding(NamedTuple):
    """`pixels`: the most that such a file may have."""

    format: str
    name: str
    pixels: int
    encode: Callable[[Image.Image], bytes]


def pillow(
    format: str, name: str, mode: str = "RGB", pixels: int | None = None, **options: Any
) -> Encoding:
    def build(image: Image.Image) -> bytes:
        converted = image.quantize(128) if mode == "P" else image.convert(mode)
        return encode(converted, format, **options)

    return Encoding(format, name, pixels or MAX_PIXELS_OF.get(format, MAX_PIXELS), build)


def jpeg(image: Image.Image, cut: bool = False, scans: int = 0, **options: Any) -> bytes:
    """As good a JPEG as fits. `cut`: without its end; `scans`: the last one is repeated."""
    for quality in (90, 70, 50, 30, 15, 5):
        data = encode(image, quality=quality, **options)
        if len(data) < 0.9 * MAX_BYTES:
            break
    last = data[data.rfind(b"\xff\xc4", 0, data.rfind(b"\xff\xda")) : -2]
    room = (MAX_BYTES - len(data)) // len(last)
    more = min(room, max(0, scans - data.count(b"\xff\xda")))
    return data[:-2] + last * more + (b"" if cut else data[-2:])


def png(image: Image.Image, depth: int = 8, interlaced: bool = False) -> bytes:
    """RGBA, without filters."""
    pixels = np.asarray(image.convert("RGBA"))
    if depth == 16:
        pixels = pixels.astype(">u2") * 257
    pack = zlib.compressobj(1)
    body = b""
    for x, y, across, down in PASSES if interlaced else [(0, 0, 1, 1)]:
        rows = pixels[y::down, x::across]
        flat = np.ascontiguousarray(rows).view(np.uint8).reshape(len(rows), -1)
        body += pack.compress(np.pad(flat, ((0, 0), (1, 0))).tobytes())
    header = struct.pack(">IIBBBBB", *image.size, depth, 6, 0, 0, interlaced)
    parts = ((b"IHDR", header), (b"IDAT", body + pack.flush()), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, content) for kind, content in parts)


def animated(image: Image.Image, format: str, **options: Any) -> bytes:
    """With more pictures behind the first, which alone counts."""
    others = [Image.new("RGB", image.size, colour) for colour in ("red", "blue")]
    return encode(image, format, save_all=True, append_images=others, **options)


def _jpeg(name: str, pixels: int = MAX_PIXELS, **options: Any) -> Encoding:
    return Encoding("JPEG", name, pixels, partial(jpeg, **options))


def _png(name: str, **options: Any) -> Encoding:
    return Encoding("PNG", name, MAX_PIXELS, partial(png, **options))


PROGRESSIVE: dict[str, Any] = {"progressive": True, "subsampling": 0}
LOSSLESS: dict[str, Any] = {"lossless": True, "method": 0}
WEBP, TIFF = MAX_PIXELS_OF["WEBP"], "TIFF"
ENCODINGS = [
    _jpeg("baseline, 4:4:4", subsampling=0),
    _jpeg("progressive", **PROGRESSIVE),
    _jpeg("progressive, without its end", cut=True, **PROGRESSIVE),
    _jpeg(f"progressive, {MAX_SCANS} scans", scans=MAX_SCANS, **PROGRESSIVE),
    _jpeg("the same, without its end", scans=MAX_SCANS, cut=True, **PROGRESSIVE),
    _jpeg("a restart marker in each row", restart_marker_rows=1),
    Encoding(
        "JPEG", "CMYK, progressive", MAX_PIXELS_OF["CMYK"],
        lambda image: jpeg(image.convert("CMYK"), progressive=True),
    ),
    pillow("PNG", "palette", "P"),
    pillow("PNG", "RGB, filtered", compress_level=1),
    _png("RGBA"),
    _png("RGBA, 16 bit", depth=16),
    _png("RGBA, interlaced", interlaced=True),
    _png("RGBA, 16 bit, interlaced", depth=16, interlaced=True),
    pillow("WEBP", "lossy", quality=50, method=0),
    pillow("WEBP", "lossless", **LOSSLESS),
    pillow("WEBP", "lossless, transparent", "RGBA", **LOSSLESS),
    Encoding("WEBP", "animated", WEBP, partial(animated, format="WEBP", **LOSSLESS)),
    pillow("GIF", "interlaced", "P", interlace=1),
    Encoding("GIF", "animated", MAX_PIXELS, partial(animated, format="GIF")),
    pillow(TIFF, "LZW", compression="tiff_lzw"),
    pillow(TIFF, "LZW, differences", compression="tiff_lzw", tiffinfo={317: 2}),
    pillow(TIFF, "deflated, RGBA, turned", "RGBA", compression="tiff_adobe_deflate",
           tiffinfo={274: 6}),
    pillow(TIFF, "JPEG", compression="jpeg", quality=50),
    pillow(TIFF, "group 4", "1", compression="group4"),
    pillow("BMP", "24 bit", pixels=3_400_000),
    pillow("BMP", "palette", "P", pixels=10_000_000),
    pillow("BMP", "1 bit", "1"),
    pillow("AVIF", "4:4:4", speed=10, subsampling="4:4:4", quality=60),
    pillow("AVIF", "transparent", "RGBA", speed=10),
    pillow("HEIC", "one picture", pixels=20_000_000, quality=40),
    pillow("HEIC", "transparent", "RGBA", pixels=20_000_000, quality=40),
]  # fmt: skip
