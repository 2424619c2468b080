"""Small to send, large to hold or long to read; each with the answers that are right for it.

`OK` is right where the file is a photo by every rule: then it must merely be answered in time.
"""

import struct
import zlib
from collections.abc import Callable
from typing import NamedTuple

from PIL import Image

from model.photo import MAX_BYTES
from tests.conftest import encode
from tests.hostile.sources import bmp_rle, chunk, sources

OK, BAD, PIXELS, LARGE = "ok", "bad_image", "too_many_pixels", "too_large"
FOREIGN = "unsupported_type"


class Bomb(NamedTuple):
    name: str
    build: Callable[[], bytes]  # only when wanted: some take a second
    codes: tuple[str, ...]


def png(width: int, height: int, colour: int = 2, depth: int = 8, extra: bytes = b"") -> bytes:
    """Black; `extra` are chunks before the pixels."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    row = bytes(1 + (width * channels * depth + 7) // 8)
    pack = zlib.compressobj(1)
    pixels = b"".join(pack.compress(row) for _ in range(height)) + pack.flush()
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = chunk(b"IHDR", header) + extra + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def png_that_says(width: int, height: int) -> bytes:
    """A tiny PNG whose header alone is large."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    small = png(1, 1)
    return small[:8] + chunk(b"IHDR", header) + small[33:]


def segment(kind: int, body: bytes) -> bytes:
    return b"\xff" + bytes([kind]) + struct.pack(">H", len(body) + 2) + body


def jpeg(extra: bytes) -> bytes:
    """A small JPEG with segments put in front."""
    small = sources()["jpeg grey"]
    return small[:2] + extra + small[2:]


def jpeg_of_scans(side: int, scans: int) -> bytes:
    """Progressive, its last scan sent again and again: a pass over the whole photo each."""
    data = encode(Image.new("RGB", (side, side), "teal"), progressive=True, subsampling=0)
    last = data[data.rfind(b"\xff\xc4", 0, data.rfind(b"\xff\xda")) : -2]
    return data[:-2] + last * scans + data[-2:]


def jpeg_that_says(width: int, height: int) -> bytes:
    data = bytearray(sources()["jpeg grey"])
    struct.pack_into(">HH", data, data.index(b"\xff\xc0") + 5, height, width)
    return bytes(data)


def gif(extra: bytes) -> bytes:
    """A small GIF with blocks put in front of its picture."""
    data = encode(Image.new("P", (16, 16)), "GIF")
    at = data.index(b"\x2c", 13)
    return data[:at] + extra + data[at:]


def gif_that_says(width: int, height: int) -> bytes:
    data = bytearray(encode(Image.new("P", (16, 16)), "GIF"))
    struct.pack_into("<HH", data, 6, width, height)
    struct.pack_into("<HH", data, data.index(b"\x2c", 13) + 5, width, height)
    return bytes(data)


def bmp_that_says(width: int, height: int) -> bytes:
    data = bytearray(sources()["bmp"])
    struct.pack_into("<ii", data, 18, width, height)
    return bytes(data)


def exif_tags(count: int, size: int) -> bytes:
    """EXIF whose tags all point to the same `size` bytes."""
    tags = b"".join(struct.pack("<HHII", tag, 1, size, 8) for tag in range(1, count + 1))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", count) + tags + bytes(size)


def frames(format: str, count: int) -> bytes:
    """Many pictures in one file; only the first counts."""
    colours = [Image.new("RGB", (16, 16), (i % 256, i // 256, 0)) for i in range(count)]
    return encode(colours[0], format, save_all=True, append_images=colours[1:])


EXIF = b"Exif\0\0"
BOMBS = [
    # pixels
    *(
        Bomb(f"{says.__name__} {width}x{height}", lambda s=says, w=width, h=height: s(w, h), codes)
        for says, width, height, codes in (
            (png_that_says, 50_000, 50_000, (PIXELS,)),
            (png_that_says, 2**31 - 1, 2**31 - 1, (PIXELS,)),
            (png_that_says, 2**32 - 1, 2**32 - 1, (PIXELS, BAD)),
            (png_that_says, 7071, 7071, (BAD,)),
            (png_that_says, 1, 2**31 - 1, (PIXELS,)),
            (jpeg_that_says, 65_535, 65_535, (PIXELS, BAD)),
            (jpeg_that_says, 65_500, 65_500, (PIXELS,)),
            (jpeg_that_says, 7071, 7071, (OK, BAD)),
            (jpeg_that_says, 0, 0, (BAD,)),
            (gif_that_says, 65_535, 65_535, (PIXELS,)),
            (gif_that_says, 7071, 7071, (BAD,)),
            (bmp_that_says, 2**31 - 1, 2**31 - 1, (PIXELS,)),
            (bmp_that_says, 2**31 - 1, -(2**31), (PIXELS, BAD)),
            (bmp_that_says, -5, 5, (PIXELS, BAD)),
            (bmp_that_says, 7071, 7071, (BAD,)),
        )
    ),
    Bomb("50 MP png", lambda: png(8000, 6250), (OK,)),
    Bomb("50 MP png, transparent", lambda: png(8000, 6250, 6), (OK,)),
    Bomb("50 MP png, 16 bit", lambda: png(8000, 6250, 6, 16), (OK,)),
    Bomb("50 MP png, one row", lambda: png(50_000_000, 1), (PIXELS,)),
    Bomb("51 MP png", lambda: png(8000, 6375), (PIXELS,)),
    Bomb(
        "50 MP png, transparent palette",
        lambda: png(8000, 6250, 3, extra=chunk(b"PLTE", bytes(768)) + chunk(b"tRNS", bytes(9))),
        (OK,),
    ),
    Bomb("50 MP jpeg", lambda: encode(Image.new("RGB", (8000, 6250))), (OK,)),
    Bomb(
        "50 MP jpeg, progressive",
        lambda: encode(Image.new("RGB", (8000, 6250)), progressive=True, subsampling=0),
        (OK,),
    ),
    Bomb("jpeg, one column", lambda: encode(Image.new("RGB", (1, 65_500))), (OK,)),
    Bomb("50 MP gif", lambda: encode(Image.new("P", (8000, 6250)), "GIF"), (OK,)),
    Bomb(
        "50 MP webp",
        lambda: encode(Image.new("RGB", (8000, 6250)), "WEBP", lossless=True, method=0),
        (PIXELS,),
    ),
    Bomb(
        "20 MP webp",
        lambda: encode(Image.new("RGBA", (5000, 4000)), "WEBP", lossless=True, method=0),
        (OK,),
    ),
    Bomb(
        "268 MP webp",
        # its size lies in two fields of 14 bits
        lambda: (d := sources()["webp lossless"])[:21] + b"\xff\xff\xff\x0f" + d[25:],
        (PIXELS, BAD),
    ),
    Bomb("bmp, 10 MB of short runs", lambda: bmp_rle(7000, 7000, b"\1\0" * 5_000_000), (FOREIGN,)),
    # frames
    Bomb("gif, 3000 frames", lambda: frames("GIF", 3000), (OK,)),
    Bomb("webp, 2000 frames", lambda: frames("WEBP", 2000), (OK,)),
    Bomb("png, 2000 frames", lambda: frames("PNG", 2000), (OK,)),
    # chunks, segments, scans, blocks
    Bomb("png, 800,000 chunks", lambda: png(9, 9, extra=chunk(b"teSt", b"") * 800_000), (BAD,)),
    Bomb(
        "png, 600,000 notes", lambda: png(9, 9, extra=chunk(b"tEXt", b"a\0") * 600_000), (OK, BAD)
    ),
    Bomb(
        "png, 1 GB of notes",
        lambda: png(9, 9, extra=chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(2**20))) * 1000),
        (OK, BAD),
    ),
    Bomb("jpeg, 100,000 scans", lambda: jpeg_of_scans(1000, 100_000), (BAD,)),
    Bomb("jpeg, 30 scans of 50 MP", lambda: jpeg_of_scans(7071, 20), (OK,)),
    Bomb("jpeg, 2,500,000 segments", lambda: jpeg(segment(0xEF, b"") * 2_500_000), (BAD,)),
    Bomb("jpeg, 10 MB of filling", lambda: jpeg(b"\xff" * 10_000_000), (BAD,)),
    Bomb("jpeg, 140,000 tables", lambda: jpeg(segment(0xDB, bytes(range(65))) * 140_000), (BAD,)),
    Bomb("gif, 10 MB of comment", lambda: gif(b"\x21\xfe" + b"\xffc" * 40_000 + b"\0"), (OK, BAD)),
    Bomb("gif, 1,900,000 comments", lambda: gif(b"\x21\xfe\x01c\0" * 1_900_000), (OK, BAD)),
    # ICC and EXIF
    Bomb(
        "png, 500 MB of ICC",
        lambda: png(9, 9, extra=chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(500 * 2**20)))),
        (OK, BAD),
    ),
    Bomb(
        "jpeg, 9 MB of ICC",
        lambda: jpeg(segment(0xE2, b"ICC_PROFILE\0\1\1" + bytes(65_000)) * 140),
        (OK, BAD),
    ),
    Bomb(
        "png, 540 GB of EXIF",
        lambda: png(9, 9, extra=chunk(b"eXIf", exif_tags(60_000, 9_000_000))),
        (OK, BAD),
    ),
    Bomb("png, 65,000 tags", lambda: png(9, 9, extra=chunk(b"eXIf", exif_tags(65_000, 1))), (OK,)),
    Bomb("jpeg, 350,000 EXIFs", lambda: jpeg(segment(0xE1, EXIF + bytes(17)) * 350_000), (BAD,)),
    Bomb(
        "jpeg, EXIF of 65 KB, again and again",
        lambda: jpeg(segment(0xE1, EXIF + exif_tags(5000, 5000)) * 150),
        (OK, BAD),
    ),
    # bytes
    Bomb("10 MB to the byte", lambda: sources()["png"].ljust(MAX_BYTES, b"\0"), (OK,)),
    Bomb("10 MB and one byte", lambda: sources()["png"].ljust(MAX_BYTES + 1, b"\0"), (LARGE,)),
    Bomb("20 MB", lambda: bytes(20 * 2**20), (LARGE,)),
]
