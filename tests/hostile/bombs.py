"""Files that are small to send but expensive to decode; each with the answers allowed for it.

`OK` is allowed where the file is a valid photo: then it must only be answered in time.
"""

import struct
import zlib
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from PIL import Image

from deploy.testing.photos import encode
from model.photo import MAX_BYTES
from tests.hostile import heif
from tests.hostile.sources import bmp_rle, chunk, sources

OK, BAD, PIXELS, LARGE = "ok", "bad_image", "too_many_pixels", "too_large"
FOREIGN = "unsupported_type"


class Bomb(NamedTuple):
    name: str
    build: Callable[[], bytes]  # called when it is sent: some take a second
    codes: tuple[str, ...]


def png(width: int, height: int, colour: int = 2, depth: int = 8, extra: bytes = b"") -> bytes:
    """A black PNG; `extra`: chunks before the pixels."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    row = bytes(1 + (width * channels * depth + 7) // 8)
    pack = zlib.compressobj(1)
    pixels = b"".join(pack.compress(row) for _ in range(height)) + pack.flush()
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = chunk(b"IHDR", header) + extra + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def png_claiming(width: int, height: int) -> bytes:
    """A tiny PNG whose header claims this size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    small = png(1, 1)
    return small[:8] + chunk(b"IHDR", header) + small[33:]


def segment(kind: int, body: bytes) -> bytes:
    return b"\xff" + bytes([kind]) + struct.pack(">H", len(body) + 2) + body


def jpeg(extra: bytes) -> bytes:
    """A small JPEG with `extra` segments at its start."""
    small = sources()["jpeg grey"]
    return small[:2] + extra + small[2:]


def jpeg_of_scans(side: int, scans: int) -> bytes:
    """A progressive JPEG with its last scan repeated; each costs a pass over the whole photo."""
    data = encode(Image.new("RGB", (side, side), "teal"), **PROGRESSIVE)
    last = data[data.rfind(b"\xff\xc4", 0, data.rfind(b"\xff\xda")) : -2]
    return data[:-2] + last * scans + data[-2:]


def jpeg_claiming(width: int, height: int) -> bytes:
    data = bytearray(sources()["jpeg grey"])
    struct.pack_into(">HH", data, data.index(b"\xff\xc0") + 5, height, width)
    return bytes(data)


def gif(extra: bytes) -> bytes:
    """A small GIF with `extra` blocks before its picture."""
    data = encode(Image.new("P", (16, 16)), "GIF")
    at = data.index(b"\x2c", 13)
    return data[:at] + extra + data[at:]


def gif_claiming(width: int, height: int) -> bytes:
    data = bytearray(encode(Image.new("P", (16, 16)), "GIF"))
    struct.pack_into("<HH", data, 6, width, height)
    struct.pack_into("<HH", data, data.index(b"\x2c", 13) + 5, width, height)
    return bytes(data)


def bmp_claiming(width: int, height: int) -> bytes:
    data = bytearray(sources()["bmp"])
    struct.pack_into("<ii", data, 18, width, height)
    return bytes(data)


def tiff(width: int, height: int, channels: int = 3, bits: int = 8, **tags: int) -> bytes:
    """A black TIFF in one strip, deflated. `tags`: t123=5 sets tag 123 to 5."""
    pack = zlib.compressobj(1)
    row = bytes(width * channels * bits // 8)
    pixels = b"".join(pack.compress(row) for _ in range(height)) + pack.flush()
    return tiff_of(width, height, pixels, {258: bits, 277: channels, 259: 8}, **tags)


def tiff_of(width: int, height: int, pixels: bytes, values: dict[int, int], **tags: int) -> bytes:
    values = {256: width, 257: height, 262: 2, 273: 8, 278: height, 279: len(pixels)} | values
    if values.get(277) == 4:
        values[338] = 2  # the fourth channel is alpha
    values |= {int(name[1:]): value for name, value in tags.items()}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, values[tag]) for tag in sorted(values))
    end = struct.pack("<H", len(values)) + entries + bytes(4)
    return b"II*\0" + struct.pack("<I", 8 + len(pixels)) + pixels + end


def tiff_claiming(width: int, height: int) -> bytes:
    return tiff_of(width, height, b"x" * 100, {258: 8, 277: 3, 259: 1})


def tiff_of_tags(count: int, size: int) -> bytes:
    """A small TIFF with tags that all point to the same `size` bytes."""
    data = bytes(max(size, 768))
    usual = {256: 16, 257: 16, 258: 8, 259: 1, 262: 2, 273: 8, 277: 3, 278: 16, 279: 768}
    tags = [struct.pack("<HHII", tag, 4, 1, value) for tag, value in usual.items()]
    tags += [struct.pack("<HHII", tag, 1, size, 8) for tag in range(1000, 1000 + count)]
    directory = struct.pack("<H", len(tags)) + b"".join(tags) + bytes(4)
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + directory


def heic_of_tiles(columns: int, rows: int, size: tuple[int, int], side: int = 512) -> bytes:
    """A HEIC of one square tile, shown again and again."""
    return heif.grid(blank(side, side, format="HEIC"), columns, rows, size)


def avif_lying(side: int) -> bytes:
    """An AVIF of side x side pixels that is said to have 64x64."""
    return heif.claiming(blank(side, side, format="AVIF", speed=10), 64, 64)


def heif_listing(count: int) -> bytes:
    """A HEIC that lists so many items without content."""
    photo = sources()["heic"]
    places = heif.full(b"iloc", b"\0\0", struct.pack(">I", count), bytes(10 * count), version=2)
    return heif.find(photo, b"ftyp") + heif.full(b"meta", places) + heif.find(photo, b"mdat")


def exif_tags(count: int, size: int) -> bytes:
    """EXIF whose tags all point to the same `size` bytes."""
    tags = b"".join(struct.pack("<HHII", tag, 1, size, 8) for tag in range(1, count + 1))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", count) + tags + bytes(size)


def frames(format: str, count: int) -> bytes:
    """An animation; only its first picture counts."""
    colours = [Image.new("RGB", (16, 16), (i % 256, i // 256, 0)) for i in range(count)]
    return encode(colours[0], format, save_all=True, append_images=colours[1:])


def exif_chunk(count: int, size: int) -> bytes:
    return chunk(b"eXIf", exif_tags(count, size))


def zipped(kind: bytes, size: int) -> bytes:
    """A PNG chunk that decompresses to `size` zeros."""
    return chunk(kind, b"a\0\0" + zlib.compress(bytes(size)))


def blank(width: int, height: int, mode: str = "RGB", **options: Any) -> bytes:
    return encode(Image.new(mode, (width, height)), **options)


def webp_claiming_the_most() -> bytes:
    data = sources()["webp lossless"]
    return data[:21] + b"\xff\xff\xff\x0f" + data[25:]  # two fields of 14 bits


EXIF, ICC = b"Exif\0\0", b"ICC_PROFILE\0\1\1"
ANY = (OK, BAD)
PALETTE = chunk(b"PLTE", bytes(768)) + chunk(b"tRNS", bytes(9))
PROGRESSIVE: dict[str, Any] = {"progressive": True, "subsampling": 0}
WEBP: dict[str, Any] = {"format": "WEBP", "lossless": True, "method": 0}
BOMBS = [
    # pixels
    *(
        Bomb(f"{build.__name__} {width}x{height}", partial(build, width, height), codes)
        for build, width, height, codes in (
            (png_claiming, 50_000, 50_000, (PIXELS,)),
            (png_claiming, 2**31 - 1, 2**31 - 1, (PIXELS,)),
            (png_claiming, 2**32 - 1, 2**32 - 1, (PIXELS, BAD)),
            (png_claiming, 7071, 7071, (BAD,)),
            (png_claiming, 1, 2**31 - 1, (PIXELS,)),
            (jpeg_claiming, 65_535, 65_535, (PIXELS, BAD)),
            (jpeg_claiming, 65_500, 65_500, (PIXELS,)),
            (jpeg_claiming, 7071, 7071, (OK, BAD)),
            (jpeg_claiming, 0, 0, (BAD,)),
            (gif_claiming, 65_535, 65_535, (PIXELS,)),
            (gif_claiming, 7071, 7071, (BAD,)),
            (bmp_claiming, 2**31 - 1, 2**31 - 1, (PIXELS,)),
            (bmp_claiming, 2**31 - 1, -(2**31), (PIXELS, BAD)),
            (bmp_claiming, -5, 5, (PIXELS, BAD)),
            (bmp_claiming, 7071, 7071, (BAD,)),
            (tiff_claiming, 2**31 - 1, 2**31 - 1, (PIXELS, BAD)),
            (tiff_claiming, 5000, 4000, (BAD,)),
            (tiff_claiming, 0, 0, (BAD,)),
        )
    ),
    Bomb("50 MP png", lambda: png(8000, 6250), (OK,)),
    Bomb("50 MP png, transparent", lambda: png(8000, 6250, 6), (OK,)),
    Bomb("50 MP png, 16 bit", lambda: png(8000, 6250, 6, 16), (OK,)),
    Bomb("50 MP png, one row", lambda: png(50_000_000, 1), (PIXELS,)),
    Bomb("51 MP png", lambda: png(8000, 6375), (PIXELS,)),
    Bomb("50 MP png, transparent palette", lambda: png(8000, 6250, 3, extra=PALETTE), (OK,)),
    Bomb("50 MP jpeg", lambda: blank(8000, 6250), (OK,)),
    Bomb("50 MP jpeg, progressive", lambda: blank(8000, 6250, **PROGRESSIVE), (OK,)),
    Bomb("jpeg, one column", lambda: blank(1, 65_500), (OK,)),
    Bomb("50 MP gif", lambda: blank(8000, 6250, "P", format="GIF"), (OK,)),
    Bomb("50 MP webp", lambda: blank(8000, 6250, **WEBP), (PIXELS,)),
    Bomb("20 MP webp", lambda: blank(5000, 4000, "RGBA", **WEBP), (OK,)),
    Bomb("268 MP webp", webp_claiming_the_most, (PIXELS, BAD)),
    Bomb("bmp, 10 MB of short runs", lambda: bmp_rle(7000, 7000, b"\1\0" * 5_000_000), (FOREIGN,)),
    Bomb("48 MP heic", lambda: heic_of_tiles(16, 12, (8064, 6048)), (OK,)),
    Bomb("64 MP heic", lambda: heic_of_tiles(16, 16, (8192, 8192)), (PIXELS,)),
    Bomb("25 MP avif", lambda: blank(5000, 5000, "RGBA", format="AVIF", speed=10), (OK,)),
    Bomb("avif of 120 MP that says 64x64", lambda: avif_lying(11_000), ANY),
    Bomb("20 MP tiff", lambda: tiff(5000, 4000), (OK,)),
    Bomb("20 MP tiff, turned, transparent, 16 bit", lambda: tiff(5000, 4000, 4, 16, t274=6), (OK,)),
    Bomb("21 MP tiff", lambda: tiff(5000, 4200), (PIXELS,)),
    # tiles and items
    Bomb("heic of 40 tiles, one shown", lambda: heic_of_tiles(8, 5, (64, 64), 2048), ANY),
    Bomb("heic of 65,025 tiles", lambda: heic_of_tiles(255, 255, (64, 64)), (BAD,)),
    Bomb("heic of 900,000 items", lambda: heif_listing(900_000), (BAD,)),
    # frames
    Bomb("gif, 3000 frames", lambda: frames("GIF", 3000), (OK,)),
    Bomb("webp, 2000 frames", lambda: frames("WEBP", 2000), (OK,)),
    Bomb("png, 2000 frames", lambda: frames("PNG", 2000), (OK,)),
    # chunks, segments, scans, blocks
    Bomb("png, 800,000 chunks", lambda: png(9, 9, extra=chunk(b"teSt", b"") * 800_000), (BAD,)),
    Bomb("png, 600,000 notes", lambda: png(9, 9, extra=chunk(b"tEXt", b"a\0") * 600_000), ANY),
    Bomb("png, 1 GB of notes", lambda: png(9, 9, extra=zipped(b"zTXt", 2**20) * 1000), ANY),
    Bomb("jpeg, 100,000 scans", lambda: jpeg_of_scans(1000, 100_000), (BAD,)),
    Bomb("jpeg, 30 scans of 50 MP", lambda: jpeg_of_scans(7071, 20), (OK,)),
    Bomb("jpeg, 2,500,000 segments", lambda: jpeg(segment(0xEF, b"") * 2_500_000), (BAD,)),
    Bomb("jpeg, 5,000,000 beginnings", lambda: b"\xff\xd8" * 5_000_000, (BAD,)),
    Bomb("jpeg, 10 MB of stuffing", lambda: jpeg(b"\xff\0" * 5_000_000), (BAD,)),
    Bomb("jpeg, 10 MB of restarts", lambda: jpeg(b"\xff\xd0" * 5_000_000), (BAD,)),
    Bomb("jpeg, 10 MB of filling", lambda: jpeg(b"\xff" * 10_000_000), (BAD,)),
    Bomb("jpeg, 140,000 tables", lambda: jpeg(segment(0xDB, bytes(range(65))) * 140_000), (BAD,)),
    Bomb("tiff, 60,000 tags of 9 MB", lambda: tiff_of_tags(60_000, 9_000_000), ANY),
    Bomb("tiff, 64,000 tags", lambda: tiff_of_tags(64_000, 1), ANY),
    Bomb("gif, 10 MB of comment", lambda: gif(b"\x21\xfe" + b"\xffc" * 40_000 + b"\0"), ANY),
    Bomb("gif, 1,900,000 comments", lambda: gif(b"\x21\xfe\x01c\0" * 1_900_000), ANY),
    # ICC and EXIF
    Bomb("png, 500 MB of ICC", lambda: png(9, 9, extra=zipped(b"iCCP", 500 * 2**20)), ANY),
    Bomb("jpeg, 9 MB of ICC", lambda: jpeg(segment(0xE2, ICC + bytes(65_000)) * 140), ANY),
    Bomb("png, 540 GB of EXIF", lambda: png(9, 9, extra=exif_chunk(60_000, 9_000_000)), ANY),
    Bomb("png, 65,000 tags", lambda: png(9, 9, extra=exif_chunk(65_000, 1)), (OK,)),
    Bomb("jpeg, 350,000 EXIFs", lambda: jpeg(segment(0xE1, EXIF + bytes(17)) * 350_000), (BAD,)),
    Bomb("jpeg, 150 EXIFs", lambda: jpeg(segment(0xE1, EXIF + exif_tags(5000, 5000)) * 150), ANY),
    # bytes
    Bomb("10 MB to the byte", lambda: sources()["png"].ljust(MAX_BYTES, b"\0"), (OK,)),
    Bomb("10 MB and one byte", lambda: sources()["png"].ljust(MAX_BYTES + 1, b"\0"), (LARGE,)),
    Bomb("20 MB", lambda: bytes(20 * 2**20), (LARGE,)),
]
