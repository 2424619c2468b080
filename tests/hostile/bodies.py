"""Bodies as large as a request may be, of every content type and of every shape that a form's
parser treats differently. None holds a photo."""

from collections.abc import Callable, Iterator
from functools import partial

from app import FORM_BYTES
from app.forms import HEAD_BYTES
from model.photo import MAX_BYTES
from tests.hostile.http import BOUNDARY

SIZE = MAX_BYTES + FORM_BYTES
FORM = f"multipart/form-data; boundary={BOUNDARY}"
LINE = f"--{BOUNDARY}\r\n".encode()
END = f"--{BOUNDARY}--\r\n".encode()
TEXT = b'Content-Disposition: form-data; name="a"\r\n'
FILE = b'Content-Disposition: form-data; name="a"; filename="a"\r\n'
OURS = b'Content-Disposition: form-data; name="file"; filename="a"\r\n'


def filled(piece: bytes, size: int = SIZE) -> bytes:
    return piece * (size // len(piece))


def one(head: bytes, content: bytes) -> bytes:
    """A form of one part."""
    return LINE + head + b"\r\n" + content + b"\r\n" + END


def many(part: bytes) -> bytes:
    return filled(LINE + part, SIZE - len(END)) + END


def heads(piece: bytes, size: int) -> bytes:
    """Parts whose heads have `size` bytes, with this piece again and again."""
    return many(OURS[:-2] + filled(piece, size - len(OURS)) + b"\r\n\r\na\r\n")


SHAPES: dict[str, Callable[[], bytes]] = {
    "parts without content": lambda: many(TEXT + b"\r\n\r\n"),
    "files without content": lambda: many(FILE + b"\r\n\r\n"),
    "parts without a head": lambda: many(b"\r\n\r\n"),
    "texts of 400 kB": lambda: many(TEXT + b"\r\n" + b"t" * 400_000 + b"\r\n"),
    "one text": lambda: one(TEXT, filled(b"t", SIZE - 200)),
    "one file of zeros": lambda: one(OURS, filled(b"\0", SIZE - 300)),
    "one file of line ends": lambda: one(OURS, filled(b"\r\n", SIZE - 300)),
    "one file of carriage returns": lambda: one(OURS, filled(b"\r", SIZE - 300)),
    "one file of dashes": lambda: one(OURS, filled(b"\r\n--", SIZE - 300)),
    "one file of almost boundaries": lambda: one(OURS, filled(b"\r\n" + LINE[:-3], SIZE - 300)),
    "one file of boundaries that go on": lambda: one(
        OURS, filled(b"\r\n" + LINE[:-2] + b"x", SIZE - 300)
    ),
    "one file of boundaries and spaces": lambda: one(
        OURS, filled(b"\r\n" + LINE[:-2] + b" " * 60_000 + b"x", SIZE - 300)
    ),
    "no boundary": lambda: filled(b"a"),
    "line ends before the boundary": lambda: filled(b"\r\n"),
    "almost boundaries before the boundary": lambda: filled(LINE[:-3] + b"\r\n"),
    "no end": lambda: LINE + OURS + b"\r\n" + filled(b"\0", SIZE - 300),
    "noise after the end": lambda: one(OURS, b"a") + filled(b"\r\n", SIZE - 400),
    **{
        f"heads of {size} bytes of {name}": partial(heads, piece, size)
        for size in (HEAD_BYTES, 10_000, 400_000, SIZE - 200)
        for name, piece in {
            "lines": b"\r\na:b",
            "empty lines": b"\r\n ",
            "parameters": b";a=b",
            "quoted parameters": b';a="\\"\\""',
            "continued parameters": b";a*1=b",
            "semicolons": b";",
            "open quotes": b';a="bbbbbbbb',
        }.items()
    },
}


def json_image(piece: bytes) -> bytes:
    return b'{"image":"%b"}' % filled(piece, SIZE - 20)


JSON: dict[str, Callable[[], bytes]] = {
    "brackets": partial(filled, b"["),
    "lists": partial(filled, b"[],"),
    "objects": partial(filled, b'{"a":'),
    "numbers": partial(filled, b"1,"),
    "one number": partial(filled, b"1"),
    "spaces": partial(filled, b" "),
    "an image of zeros": partial(json_image, b"AAAA"),
    "an image of no base64": partial(json_image, b"a="),
    "an image of escaped slashes": partial(json_image, b"\\/"),
    "an image of escapes": partial(json_image, b"\\u56fe"),
    "an image of line ends": partial(json_image, b"\\n"),
    "an image of four bytes for each character": partial(json_image, "A😀".encode()),
    "an image of commas": partial(json_image, b","),
}
TYPES: dict[str, list[bytes]] = {
    "application/x-www-form-urlencoded": [b"a=b&", b"a&", b"%41=%41&", b"&", b"a=+%zz;"],
    "application/json": [b"["],
    "text/plain": [b"a"],
    "application/octet-stream": [b"\0"],
    f"multipart/mixed; boundary={BOUNDARY}": [LINE + b"\r\n"],
    "multipart/form-data": [LINE + FILE + b"\r\n\r\n"],
    "image/jpeg": [b"\xff\xd8", b"\xff", b"\0"],
    "image/png": [b"\x89PNG\r\n\x1a\n"],
    "image/tiff": [b"II*\0\x08\0\0\0"],
    "image/heic": [b"\0\0\0\x18ftypheic"],
    "": [b"a=b&"],
}


def bodies() -> Iterator[tuple[str, str, str, bytes]]:
    """(name, path, content type, body)"""
    for name, build in SHAPES.items():
        yield name, "/upload", FORM, build()
    for name, build in JSON.items():
        yield f"JSON: {name}", "/v1/faces", "application/json", build()
    for kind, pieces in TYPES.items():
        # more would not be decoded
        path, size = ("/v1/faces", MAX_BYTES) if kind.startswith("image/") else ("/upload", SIZE)
        for piece in pieces:
            yield f"{kind or 'no type'} {piece[:12]!r}", path, kind, filled(piece, size)


def chunks(size: int) -> Iterator[bytes]:
    """A body in chunks of `size` bytes, several thousand at a time, and its end."""
    piece = b"%x\r\n%b\r\n" % (size, bytes(size))
    for _ in range(max(1, SIZE // size // 10_000)):
        yield piece * min(10_000, SIZE // size)
    yield b"0\r\n\r\n"
