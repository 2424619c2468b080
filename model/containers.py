"""The parts of JPEG and PNG files: where each begins, without decoding any."""

import re
import struct
import zlib
from collections.abc import Iterator

SOS, EOI, FILL = 0xDA, 0xD9, 0xFF
# Pillow reads no length behind these, so what follows is junk in its eyes
ALONE = {0xC8, 0xD8, *range(0xF0, 0xFE)}
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # begin a picture and name its components
# What libjpeg accepts after a scan: tables, another scan, the end, notes and fill bytes. At any
# other marker it stops, so that one belongs to something behind the photo.
AFTER_SCAN = {0xC4, 0xCC, 0xDB, 0xDC, 0xDD, SOS, EOI, *range(0xE0, 0xF0), 0xFE, FILL}
# inside a scan, stuffed zeros and restart markers are data
MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd7])", re.DOTALL)
FILLING = re.compile(rb"\xff*")

# the chunks of a PNG that decide what its picture looks like, and the texts that may say how it
# is turned
PICTURE = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"eXIf"}
TURN = re.compile(rb"XML:com\.adobe\.xmp\0|Raw profile type exif\0")


def jpeg_segments(data: bytes) -> Iterator[tuple[int, int]]:
    """(marker code, offset of its 0xff) of each segment and fill byte up to the end of the image.

    Every byte of junk in the header counts as a fill byte: Pillow reads both one by one, in Python.
    Fill bytes in a row after the first scan count as one. Anything behind the image is ignored,
    such as the video of a motion photo; if the end marker is missing, the last segment may be where
    that begins.
    """
    at, scanned = 2, False
    while found := MARKER.search(data, at):
        kind = found[1][0]
        if not scanned:
            yield from ((FILL, junk) for junk in range(at, found.start()))
        yield kind, found.start()
        if kind == EOI or (scanned and kind not in AFTER_SCAN):
            return
        scanned = scanned or kind == SOS
        if kind == FILL:
            # libjpeg skips fill bytes behind the header
            filling = FILLING.match(data, found.end()) if scanned else None
            at = (filling or found).end() - 1
        elif kind in ALONE and not scanned:
            at = found.end()
        else:
            at = found.end() + int.from_bytes(data[found.end() : found.end() + 2])


def jpeg_without_end(data: bytes, segments: list[tuple[int, int]]) -> bytes | None:
    """A JPEG that lacks its end marker, up to about the end of its last scan; None if it does not,
    or if it also lacks a scan."""
    if segments and segments[-1][0] == EOI:
        return None
    missing: dict[int, set[int]] = {}  # component -> coefficients not yet at full precision
    end = len(data)
    for kind, at in segments:
        body = data[at + 4 : at + 2 + int.from_bytes(data[at + 2 : at + 4])]
        if kind in FRAMES and not missing:
            missing = {component: set(range(64)) for component in body[6::3]}
        elif kind == SOS and body:
            components, rest = body[1 : 1 + 2 * body[0] : 2], body[1 + 2 * body[0] :]
            if len(rest) == 3 and not rest[2] & 0x0F:
                for component in components:
                    missing.get(component, set()).difference_update(range(rest[0], rest[1] + 1))
        elif kind not in AFTER_SCAN:
            end = at
    if not missing or any(missing.values()):
        return None
    # zeros and ones are what storage is filled with; two may be the scan's own
    return data[: min(end, len(data[:end].rstrip(b"\0\xff")) + 2)]


def png_chunks(data: bytes) -> Iterator[tuple[bytes, int]]:
    """(name, offset of its length field) of each chunk up to the end of the image."""
    at = 8
    while at + 8 <= len(data):
        name = data[at + 4 : at + 8]
        yield name, at
        if name == b"IEND":
            return
        at += 12 + int.from_bytes(data[at : at + 4])


def png_picture(data: bytes, chunks: list[tuple[bytes, int]]) -> bytes:
    """A PNG without the chunks that its picture does not need. In the optional ones that remain,
    a wrong checksum is corrected."""
    parts, texts = [data[:8]], set()
    for name, at in chunks:
        end = at + 8 + int.from_bytes(data[at : at + 4])
        text = TURN.match(data, at + 8) if name in (b"tEXt", b"zTXt", b"iTXt") else None
        if name in PICTURE or (text and text[0] not in texts):
            texts.add(text and text[0])
            chunk, checksum = data[at:end], data[end : end + 4]
            repaired = struct.pack(">I", zlib.crc32(chunk[4:]))
            parts += [chunk, checksum if name.isupper() else repaired]
    return b"".join(parts)
