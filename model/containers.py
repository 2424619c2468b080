"""The parts of an image file: where each begins, without decoding any."""

import re
from collections.abc import Iterator

SOS, EOI, FILL = 0xDA, 0xD9, 0xFF
# inside a scan, stuffed zeros and restart markers are data
MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd8])", re.DOTALL)


def jpeg_segments(data: bytes) -> Iterator[tuple[int, int]]:
    """(marker code, offset of its 0xff) of each segment and each fill byte up to the end of the
    image; anything after it, such as the video of a motion photo, is ignored."""
    at = 2
    while found := MARKER.search(data, at):
        kind = found[1][0]
        yield kind, found.start()
        if kind == EOI:
            return
        if kind == FILL:
            at = found.start() + 1
        else:
            at = found.end() + int.from_bytes(data[found.end() : found.end() + 2])


def png_chunks(data: bytes) -> Iterator[tuple[bytes, int]]:
    """(name, offset of its length field) of each chunk up to the end of the image."""
    at = 8
    while at + 8 <= len(data):
        name = data[at + 4 : at + 8]
        yield name, at
        if name == b"IEND":
            return
        at += 12 + int.from_bytes(data[at : at + 4])
