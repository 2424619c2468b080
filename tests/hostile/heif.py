"""HEIC and AVIF files written box by box."""

import struct


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full(kind: bytes, *content: bytes, version: int = 0) -> bytes:
    """A box with a version, and flags of zero."""
    return box(kind, bytes([version, 0, 0, 0]), *content)


def find(data: bytes, kind: bytes) -> bytes:
    """The first box of this kind, wherever it is."""
    at = data.index(kind) - 4
    return data[at : at + int.from_bytes(data[at : at + 4])]


def derived(
    photo: bytes, kind: bytes, times: int, size: tuple[int, int], payload: bytes, claim: bytes = b""
) -> bytes:
    """A photo used `times` times in a picture of `kind` (grid or iovl) and this size, whose details
    are in `payload`. `claim`: another size that the photo is said to have."""
    codec, config = (b"av01", b"av1C") if b"av1C" in photo else (b"hvc1", b"hvcC")
    head, coded = find(photo, b"ftyp"), find(photo, b"mdat")[8:]
    sizes = full(b"ispe", struct.pack(">II", *size)), claim or find(photo, b"ispe")
    used = full(b"ipma", struct.pack(">IHBBHBBB", 2, 1, 1, 1, 2, 2, 2, 3))
    infos = [
        full(b"infe", struct.pack(">HH4sx", item, 0, code), version=2)
        for item, code in ((1, kind), (2, codec))
    ]
    parts = struct.pack(f">HH{times}H", 1, times, *[2] * times)

    def meta(offset: int) -> bytes:
        places = struct.pack(">HHHHHII", 2, 1, 1, 0, 1, 0, len(payload))
        places += struct.pack(">HHHHII", 2, 0, 0, 1, offset, len(coded))
        return full(
            b"meta",
            full(b"hdlr", bytes(4), b"pict", bytes(13)),
            full(b"pitm", struct.pack(">H", 1)),
            full(b"iinf", struct.pack(">H", 2), *infos),
            full(b"iref", box(b"dimg", parts)),
            box(b"iprp", box(b"ipco", *sizes, find(photo, config)), used),
            box(b"idat", payload),
            full(b"iloc", b"\x44\0", places, version=1),
        )

    return head + meta(len(head + meta(0)) + 8) + box(b"mdat", coded)


def grid(photo: bytes, columns: int, rows: int, size: tuple[int, int], claim: bytes = b"") -> bytes:
    """A picture of columns x rows tiles, all of them the same photo."""
    payload = struct.pack(">BBBBII", 0, 1, rows - 1, columns - 1, *size)
    return derived(photo, b"grid", columns * rows, size, payload, claim)


def overlay(photo: bytes, times: int, size: tuple[int, int]) -> bytes:
    """The photo again and again on top of itself."""
    payload = struct.pack(">BB4HII", 0, 1, 0, 0, 0, 0, *size) + bytes(8 * times)
    return derived(photo, b"iovl", times, size, payload)


def claiming(photo: bytes, width: int, height: int) -> bytes:
    """The photo, said to have another size."""
    return photo.replace(find(photo, b"ispe"), full(b"ispe", struct.pack(">II", width, height)))
