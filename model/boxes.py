"""What an HEIC or AVIF file says about its pictures, read before a decoder is given it.

Both are boxes in boxes (ISO/IEC 14496-12 and 23008-12). The box `meta` lists items (coded pictures,
tiles, thumbnails, EXIF) and says which is the primary picture and what that is made of: often a
grid of tiles, sometimes also a picture of its transparency.
"""

import struct
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

MAX_BOXES = 1000  # in the file itself, not inside another; cameras write ten
# Bytes of description, without colour profiles: cameras write 40 kB at most. Decoders look items up
# one by one, so their time grows with its square.
MAX_DESCRIPTION = 100_000
MAX_EXTENTS = 10_000  # pieces in which items are stored
LEAST = 2**16  # pixels that a picture counts at least: a decoder has to be started for it
ENDLESS = 2**62  # pixels of a picture that is made of itself


class Work(NamedTuple):
    """`picture`: pixels of the primary picture; `total`: of everything that it is made of, each as
    often as it is used. Both 0 for a film, of which a decoder reads one frame."""

    picture: int
    total: int


def work(data: bytes) -> Work:
    """Raises ValueError when the description is broken, ambiguous or too long, or when an item lies
    beyond the end of the file."""
    top = list(islice(_boxes(data, whole=False), MAX_BOXES + 1))
    described = [body for kind, body in top if kind in (b"meta", b"moov")]
    metas = [body for kind, body in top if kind == b"meta"]
    inside = [each for meta in metas for each in _boxes(meta[4:])]
    parts = dict(inside)
    if len(top) > MAX_BOXES or len(metas) > 1 or len(parts) < len(inside):
        raise ValueError("more boxes than usual, or the same twice")
    properties = [
        each
        for kind, body in _boxes(parts.get(b"iprp", b""))
        if kind == b"ipco"
        for each in _boxes(body)
    ]
    content = sum(len(body) for kind, body in properties if kind == b"colr")
    content += len(parts.get(b"idat", b""))
    if sum(map(len, described)) - content > MAX_DESCRIPTION:
        raise ValueError("too long a description")
    if not metas:
        return Work(0, 0)
    if _end(Fields(parts[b"iloc"])) > len(data):
        raise ValueError("cut off")
    pitm = Fields(parts[b"pitm"])
    primary = pitm.take(4 if pitm.version else 2)
    areas = _areas(parts[b"iprp"], properties)
    return Work(areas[primary], _total(primary, areas, _needs(parts.get(b"iref", bytes(4)))))


class Fields:
    """Numbers one after the other, behind a version and flags."""

    def __init__(self, body: bytes):
        self._body, self._at = body, 0
        self.version, self.flags = self.take(1), self.take(3)

    def take(self, size: int) -> int:
        """The next number, of `size` bytes. Raises ValueError at the end."""
        self._at += size
        if self._at > len(self._body):
            raise ValueError("cut off")
        return int.from_bytes(self._body[self._at - size : self._at])


def _boxes(data: bytes, whole: bool = True) -> Iterator[tuple[bytes, bytes]]:
    """(kind, content) of boxes one after the other. What remains must be a box if `whole`, and else
    ends the list; then raises ValueError."""
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16]), 16
        size = size or len(data) - at
        if size < head or (at + size > len(data) and whole):
            if whole:
                raise ValueError("a box of an impossible size")
            return
        yield kind, data[at + head : at + size]
        at += size


def _end(iloc: Fields) -> int:
    """Where in the file the last item ends."""
    sizes = iloc.take(1), iloc.take(1)
    offset_size, length_size, base_size = sizes[0] >> 4, sizes[0] & 15, sizes[1] >> 4
    index_size = sizes[1] & 15 if iloc.version else 0
    end = extents = 0
    for _ in range(iloc.take(2 if iloc.version < 2 else 4)):
        iloc.take(2 if iloc.version < 2 else 4)
        method = iloc.take(2) & 15 if iloc.version else 0
        iloc.take(2)
        base, count = iloc.take(base_size), iloc.take(2)
        extents += count
        if extents > MAX_EXTENTS:
            raise ValueError("too many extents")
        for _ in range(count):
            iloc.take(index_size)
            last = base + iloc.take(offset_size) + iloc.take(length_size)
            end = max(end, last if method == 0 else 0)
    return end


def _total(primary: int, areas: dict[int, int], needs: dict[int, list[int]]) -> int:
    known: dict[int, int] = {}

    def total(item: int) -> int:
        if item not in known:
            known[item] = ENDLESS
            known[item] = max(areas[item], LEAST) + sum(map(total, needs[item]))
        return known[item]

    return total(primary)


def _areas(iprp: bytes, properties: list[tuple[bytes, bytes]]) -> dict[int, int]:
    """Item -> its pixels (width x height)."""
    areas: dict[int, int] = defaultdict(int)
    for kind, body in _boxes(iprp):
        if kind != b"ipma":
            continue
        ipma = Fields(body)
        for _ in range(ipma.take(4)):
            item = ipma.take(4 if ipma.version else 2)
            for _ in range(ipma.take(1)):
                number = ipma.take(2) & 0x7FFF if ipma.flags & 1 else ipma.take(1) & 0x7F
                name, size = properties[number - 1] if 0 < number <= len(properties) else (b"", b"")
                if name == b"ispe":
                    width, height = struct.unpack_from(">II", size, 4)
                    areas[item] += width * height
    return areas


def _needs(iref: bytes) -> dict[int, list[int]]:
    """Item -> the items that it is made of, and those that are auxiliary to it."""
    needs: dict[int, list[int]] = defaultdict(list)
    size = 4 if iref[0] else 2
    for kind, body in _boxes(iref[4:]):
        references = Fields(bytes(4) + body)
        source = references.take(size)
        targets = [references.take(size) for _ in range(references.take(2))]
        if kind == b"dimg":
            needs[source] += targets
        elif kind == b"auxl":
            for target in targets:
                needs[target].append(source)
    return needs
