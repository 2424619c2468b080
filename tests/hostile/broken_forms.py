"""Invalid and unusual multipart forms."""

from collections.abc import Iterator

from tests.hostile.http import BOUNDARY, form, part, post
from tests.hostile.sources import sources

END = f"--{BOUNDARY}--\r\n".encode()
FORM = f"multipart/form-data; boundary={BOUNDARY}"
MISSING = ("missing_file",)
BROKEN = (*MISSING, "bad_request")
HEADS = (
    *("", "Content-Disposition: form-data", 'Content-Disposition: form-data; filename="a.jpg"'),
    *('Content-Disposition: attachment; name="file"; filename="a.jpg"', "Content-Disposition:"),
    *('Content-Disposition: form-data; name="file', "no colon here", ": no name", "\0: \0"),
    *('Content-Disposition: form-data; name=""; filename=""', "Content-Disposition: \xff\xfe"),
    *("Content-Disposition: form-data; name*=UTF-8''file; filename*=UTF-8''%00%ff.jpg",),
    *("Content-Disposition: form-data; name=file; filename*=klingon'x'a.jpg",),
    *('Content-Disposition: form-data; name="file"; filename="a" b "c"; ;;; =',),
    *('Content-Disposition: form-data; name="file"\r\n ; filename="folded.jpg"',),
    *("Content-Type: multipart/mixed; boundary=inner",),
)
TYPES = (
    *("multipart/form-data", "multipart/form-data; boundary=", 'multipart/form-data; boundary=""'),
    *("multipart/form-data; boundary=other", f"multipart/form-data; boundary={'b' * 3000}"),
    *("multipart/form-data; boundary=\u00ff", "multipart/form-data; boundary=a; boundary=b"),
    *("multipart/mixed; boundary=" + BOUNDARY, "application/x-www-form-urlencoded", "text/plain"),
    *("application/json", "", "multipart", "/", ";", "multipart/form-data; charset=utf-16"),
)


def broken_forms() -> Iterator[tuple[str, bytes, tuple[str, ...]]]:
    """(name, request, allowed answers)"""
    photo = sources()["jpeg"]
    whole, _ = form(photo)
    for path in ("/upload", "/v1/faces"):
        for name, body, answers in _bodies(photo, whole):
            yield name, post(path, body, FORM), answers
        for head in HEADS:
            body = f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode("latin1") + photo + b"\r\n" + END
            # a lenient parser may still find the photo
            yield f"part {head!r}", post(path, body, FORM), ("ok", *MISSING, "bad_request")
        for type_ in TYPES:
            answers = (*MISSING, "bad_request", "unsupported_type")
            yield f"type {type_[:60]!r}", post(path, whole, type_), answers


def _bodies(photo: bytes, whole: bytes) -> Iterator[tuple[str, bytes, tuple[str, ...]]]:
    first = part(photo)
    field = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{{}}"\r\n\r\n'
    yield "no file", END, MISSING
    yield "nothing at all", b"", ("bad_request",)
    yield "only dashes", b"--", ("bad_request",)
    yield "no end", first, ("bad_request",)
    yield "end of another", first + b"--other--\r\n", ("bad_request",)
    yield "photo twice", first + first + END, ("ok",)
    yield "text before the photo", b"preamble\r\n" + first + END, ("ok",)
    yield "noise after the end", whole + bytes(5000), ("ok",)
    yield (
        "bare line feeds",
        whole.replace(b"\r\n", b"\n"),
        ("ok", *BROKEN, "bad_image"),
    )
    yield "photo under another name", part(photo, field="photo") + END, MISSING
    yield "text under our name", field.format("file").encode() + b"text\r\n" + END, MISSING
    yield "text, then the photo", field.format("file").encode() + b"text\r\n" + whole, ("ok",)
    yield "empty photo", part(b"") + END, ("empty_file",)
    inside = part(photo[:99] + f"\r\n--{BOUNDARY}\r\n".encode()) + END
    yield "boundary inside", inside, ("bad_image", "missing_file", "bad_request")
    yield "5000 parts", part(b"a", field="b") * 5000 + whole, ("too_large",)
    yield "30 parts", part(b"a", field="b") * 30 + whole, ("ok",)
    text = field.format("b").encode() + b"t" * 2**21 + b"\r\n"
    yield "text of 2 MB", text + whole, ("ok",)
    long = f"--{BOUNDARY}\r\nX: {'x' * 2**20}\r\n\r\n".encode()
    yield "head of 1 MB", long + whole, ("too_large", *BROKEN)
    many = f"--{BOUNDARY}\r\n{'X: y' * 20_000}\r\n\r\n".encode()
    yield "20000 heads", many + whole, ("ok", "too_large", *BROKEN)
    yield "10 MB of line ends", b"\r\n" * 5_000_000 + whole, ("ok", "too_large", *MISSING)
    almost = part(f"\r\n--{BOUNDARY[:-1]}".encode() * 300_000)
    yield "5 MB of almost boundaries", almost + END, ("unsupported_type",)
    yield "5 MB of dashes", part(b"\r\n--" * 1_250_000) + END, ("unsupported_type",)
    for cut in range(0, len(whole), max(1, len(whole) // 40)):
        yield f"cut off at {cut}", whole[:cut], ("bad_request",)
