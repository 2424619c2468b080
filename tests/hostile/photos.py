"""Photos corrupted at the boundaries of their structure."""

from collections.abc import Iterator
from itertools import pairwise
from random import Random
from typing import Literal

from tests.hostile.sources import sources
from tests.hostile.structure import boundaries

LENGTHS = (0, 1, 2, 3, 7, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)


def truncated() -> Iterator[tuple[str, bytes]]:
    """(source, file), cut before, at and after every boundary, and between boundaries."""
    for name, data in sources().items():
        places = boundaries(data)
        cuts = {place + step for place in places for step in (-1, 0, 1)}
        cuts |= {(a + b) // 2 for a, b in pairwise(places)}
        for cut in sorted(cuts & set(range(len(data)))):
            yield name, data[:cut]


def flipped(data: bytes, random: Random) -> bytes:
    """One to four bits flipped in the 16 bytes that follow a boundary."""
    spoilt = bytearray(data)
    place = random.choice(boundaries(data)[:-1])
    for _ in range(random.choice((1, 1, 2, 4))):
        at = min(place + random.randrange(16), len(data) - 1)
        spoilt[at] ^= 1 << random.randrange(8)
    return bytes(spoilt)


def wrong_length(data: bytes, random: Random) -> bytes:
    """A field of 1, 2 or 4 bytes near a boundary gets another value."""
    size = random.choice((1, 2, 4))
    order: Literal["big", "little"] = random.choice(("big", "little"))
    at = random.choice(boundaries(data)[:-1]) + random.randrange(12)
    now = int.from_bytes(data[at : at + size], order)
    value = random.choice((*LENGTHS, now + 1, max(now - 1, 0), now * 2))
    return data[:at] + (value % 256**size).to_bytes(size, order) + data[at + size :]


def rearranged(data: bytes, random: Random) -> bytes:
    """A part dropped, repeated, swapped with another or zeroed, or noise between two."""
    places = boundaries(data)
    parts = [data[a:b] for a, b in pairwise(places)]
    i, k = random.randrange(len(parts)), random.randrange(len(parts))
    change = random.randrange(5)
    if change == 0:
        parts[i] = b""
    elif change == 1:
        parts[i] *= random.choice((2, 3, 50))
    elif change == 2:
        parts[i], parts[k] = parts[k], parts[i]
    elif change == 3:
        parts[i] = bytes(len(parts[i]))
    else:
        parts.insert(i, random.randbytes(random.choice((1, 4, 100))))
    return b"".join(parts)


SPOILERS = (flipped, wrong_length, rearranged)


def spoilt(count: int, random: Random) -> Iterator[tuple[str, bytes]]:
    """`count` times (kind, file): every source in turn, corrupted in every way in turn."""
    names = list(sources())
    for i in range(count):
        name, spoil = names[i % len(names)], SPOILERS[i // len(names) % len(SPOILERS)]
        yield f"{spoil.__name__} {name.split()[0]}", spoil(sources()[name], random)
