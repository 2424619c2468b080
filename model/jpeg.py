"""The outline of a JPEG file: where its segments lie, without decoding any."""

import re
from collections.abc import Iterator

SOS, EOI = 0xDA, 0xD9
# inside a scan stuffed zeros, fill bytes and restarts are data, not markers
MARKER = re.compile(rb"\xff+([^\x00\x01\xd0-\xd8\xff])", re.DOTALL)


def segments(data: bytes) -> Iterator[tuple[int, int]]:
    """(marker code, offset of its 0xff) of each segment up to the end of the image; what follows
    there, such as the film of a motion photo, is not looked at."""
    at = 2
    while found := MARKER.search(data, at):
        kind = found[1][0]
        yield kind, found.end() - 2
        if kind == EOI:
            return
        at = found.end() + int.from_bytes(data[found.end() : found.end() + 2])
