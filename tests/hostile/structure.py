"""Where the parts of an image file begin: markers, chunks, blocks, headers."""

import struct
from collections.abc import Iterator

from model import containers


def boundaries(data: bytes) -> list[int]:
    """Offsets of every structural part of a well-formed file, including its end."""
    walks = {b"\xff\xd8": _jpeg, b"\x89P": _png, b"RI": _webp, b"GI": _gif, b"BM": _bmp}
    walks |= {b"II": _tiff, b"\0\0": _heif}
    return sorted({0, *walks[data[:2]](data), len(data)})


def _jpeg(data: bytes) -> Iterator[int]:
    for kind, at in containers.jpeg_segments(data):
        yield at
        if kind != containers.EOI:
            yield at + 2 + int.from_bytes(data[at + 2 : at + 4])


def _png(data: bytes) -> Iterator[int]:
    for _, at in containers.png_chunks(data):
        yield from (at, at + 4, at + 8)


def _webp(data: bytes) -> Iterator[int]:
    yield 8
    at = 12
    while at < len(data):
        yield from (at, at + 4, at + 8)
        if data[at : at + 4] == b"ANMF":
            yield at + 24  # the frame's own chunks
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + size + size % 2


def _gif(data: bytes) -> Iterator[int]:
    yield from (6, 13)
    at = 13 + _palette(data[10])
    while data[at] != 0x3B:
        yield at
        if data[at] == 0x21:
            at += 2
        else:
            at += 10 + _palette(data[at + 9])
            yield at
            at += 1
        while data[at]:
            at += 1 + data[at]
        yield at
        at += 1
    yield at


def _palette(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _bmp(data: bytes) -> Iterator[int]:
    pixels, header = struct.unpack_from("<II", data, 10)
    yield from (2, 10, 14, 14 + header, pixels, (pixels + len(data)) // 2)
    yield from range(18, 14 + header, 4)


def _tiff(data: bytes) -> Iterator[int]:
    at = int.from_bytes(data[4:8], "little")
    yield from (4, at, (8 + at) // 2)
    while at:
        tags = struct.unpack_from("<H", data, at)[0]
        yield from range(at + 2, at + 2 + 12 * tags + 1, 12)
        at = int.from_bytes(data[at + 2 + 12 * tags :][:4], "little")


PARENTS = {b"meta": 4, b"iinf": 6, b"iprp": 0, b"ipco": 0, b"iref": 4, b"moov": 0, b"trak": 0}
PARENTS |= {b"mdia": 0, b"minf": 0, b"stbl": 0}  # kind -> bytes before the first box inside


def _heif(data: bytes, at: int = 0, end: int | None = None) -> Iterator[int]:
    while at + 8 <= (end or len(data)):
        size, kind = struct.unpack_from(">I4s", data, at)
        size = size or len(data) - at
        yield from (at, at + 8)
        if kind in PARENTS:
            yield from _heif(data, at + 8 + PARENTS[kind], at + size)
        at += size
