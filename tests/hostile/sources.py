"""Small valid photos in every form that a decoder treats differently."""

import struct
import zlib
from functools import cache

import numpy as np
import pillow_heif
from PIL import Image

from deploy.testing.photos import encode

ICC = bytes(128) + struct.pack(">I", 0)  # a profile without a tag


def chunk(kind: bytes, body: bytes) -> bytes:
    """A PNG chunk."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def exif(orientation: int = 6) -> bytes:
    notes = Image.Exif()
    notes[0x0112], notes[0x010E] = orientation, "a description"
    return notes.tobytes()


@cache
def sources() -> dict[str, bytes]:
    """Name -> file."""
    y, x = np.mgrid[:48, :64]
    pixels = np.stack([x * 4, y * 5, x + y], -1).astype(np.uint8)
    image = Image.fromarray(pixels)
    faint = Image.fromarray(np.dstack([pixels, x * 4]).astype(np.uint8))
    palette, grey = image.quantize(32), image.convert("L")
    film = {"save_all": True, "append_images": [image.rotate(90), image.rotate(180)]}
    grey16 = Image.fromarray((x * 1000).astype(np.uint16))
    apng = encode(image, "PNG", **film)
    return {
        "jpeg": encode(image, quality=60, exif=exif(), icc_profile=ICC, comment=b"a comment"),
        "jpeg progressive": encode(image, progressive=True, subsampling=0),
        "jpeg restarts": encode(image, restart_marker_rows=1),
        "jpeg cmyk": encode(image.convert("CMYK")),
        "jpeg grey": encode(grey),
        "jpeg mpo": encode(image, "MPO", **film),
        "png": encode(image, "PNG", exif=exif(), icc_profile=ICC),
        "png alpha": encode(faint, "PNG"),
        "png palette": encode(palette, "PNG", transparency=bytes(range(0, 256, 8))),
        "png 16 bit": encode(grey16, "PNG"),
        "png 1 bit": encode(image.convert("1"), "PNG"),
        "png animated": apng,
        "webp": encode(image, "WEBP", exif=exif(), icc_profile=ICC),
        "webp lossless": encode(image, "WEBP", lossless=True),
        "webp alpha": encode(faint, "WEBP"),
        "webp animated": encode(image, "WEBP", **film),
        "gif": encode(palette, "GIF", transparency=3, comment=b"a comment"),
        "gif animated": encode(palette, "GIF", save_all=True, append_images=[palette.rotate(90)]),
        "heic": encode(image, "HEIC", exif=exif(), icc_profile=ICC),
        "heic tiles": encode(image.resize((200, 150)), "HEIC", tile_size=64),
        "heic alpha": encode(faint, "HEIC"),
        "heic of two": encode(
            image, "HEIC", append_images=[pillow_heif.from_pillow(image.rotate(90))[0]]
        ),
        "avif": encode(image, "AVIF", exif=exif(), icc_profile=ICC, speed=10),
        "avif alpha": encode(faint, "AVIF", speed=10),
        "avif animated": encode(image, "AVIF", speed=10, **film),
        "tiff": encode(image, "TIFF", tiffinfo={274: 6, 270: "a description"}),
        "tiff lzw": encode(image, "TIFF", compression="tiff_lzw"),
        "tiff jpeg": encode(image, "TIFF", compression="jpeg"),
        "tiff deflate": encode(faint, "TIFF", compression="tiff_adobe_deflate"),
        "tiff fax": encode(image.convert("1"), "TIFF", compression="group4"),
        "tiff pages": encode(palette, "TIFF", save_all=True, append_images=[palette.rotate(90)]),
        "bmp": encode(image, "BMP"),
        "bmp palette": encode(palette, "BMP"),
        "bmp 1 bit": encode(image.convert("1"), "BMP"),
        "bmp 32 bit": encode(faint, "BMP"),
        "bmp alpha": bmp_alpha(np.dstack([pixels, x * 4]).astype(np.uint8)),
        "bmp rle": bmp_rle(64, 48, b"\x20\x01\x20\x02\0\0" * 48 + b"\0\1"),
    }


def bmp_rle(width: int, height: int, runs: bytes) -> bytes:
    """A BMP with 8-bit run-length encoding, which the service refuses."""
    start = 14 + 40 + 1024
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(runs), 0, 0, 256, 0)
    palette = b"".join(struct.pack("<BBBB", i, i, i, 0) for i in range(256))
    return b"BM" + struct.pack("<IHHI", start + len(runs), 0, 0, start) + header + palette + runs


def bmp_alpha(pixels: np.ndarray) -> bytes:
    """(h, w, 4) uint8 RGBA as a BMP whose header says that the fourth byte is alpha."""
    height, width, _ = pixels.shape
    masks = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    header = struct.pack("<IiiHHIIiiII", 124, width, height, 1, 32, 3, pixels.size, 0, 0, 0, 0)
    header = (header + masks).ljust(124, b"\0")
    body = pixels[::-1, :, [2, 1, 0, 3]].tobytes()
    return b"BM" + struct.pack("<IHHI", 138 + len(body), 0, 0, 138) + header + body
