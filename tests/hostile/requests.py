"""Every hostile upload as the bytes of one HTTP request, with the answers allowed for it.

An answer is `ok` (200), one of the documented codes, or `closed`: none, because the request was
never complete.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from random import Random
from typing import NamedTuple

from tests.hostile import bombs, foreign, photos
from tests.hostile.broken_forms import broken_forms
from tests.hostile.broken_http import broken_http
from tests.hostile.http import chunked, form, post
from tests.hostile.sources import sources

REFUSED = ("bad_image", "too_many_pixels", "unsupported_type", "empty_file")

FILE_NAMES = (
    *("../../../etc/passwd", "..\\..\\windows\\win.ini", "/dev/stdin", "C:\\photo.jpg", "."),
    *("a\0b.jpg", "\x1b[31mred\x1b[0m.jpg", "a\nb: c.jpg", "a\r\n\r\nb.jpg", "\x7f\x01\x08.jpg"),
    *("'; DROP TABLE photos;--.jpg", "$(id).jpg", "`id`.jpg", "|id", "{{7*7}}.jpg", "%s%n%x.jpg"),
    *("<script>alert(1)</script>.jpg", "photo.jpg.php", "photo.svg", "CON", "aux.jpg", "a" * 5000),
    *("\u202egpj.exe", "照片.jpg", "\ufeff.jpg", "😀.jpg", "é" * 300, " ", "a/b/c/../d.jpg", "~"),
    *("photo.jpg ", "*", "?", "-rf", "--help", "file:///etc/passwd", "\\\\host\\share\\a.jpg"),
)


class Case(NamedTuple):
    """The client of an "abandoned" one hangs up halfway."""

    kind: str
    name: str
    request: Callable[[], bytes]
    answers: tuple[str, ...]


def cases(count: int, seed: int) -> Iterator[Case]:
    """`count` cases or a few more: every fixed one once, then corrupted photos. The same for the
    same seed."""
    random = Random(seed)
    known = [*fixed(random)]
    yield from known
    for kind, data in photos.spoilt(max(0, count - len(known)), random):
        yield Case(kind, kind, sent_somehow(data, random), ("ok", *REFUSED))


def fixed(random: Random) -> Iterator[Case]:
    for name, data in photos.truncated():
        kind = f"truncated {name.split()[0]}"
        yield Case(kind, name, sent_somehow(data, random), ("ok", *REFUSED))
    for name, build, codes in bombs.BOMBS:
        for path in ("/upload", "/v1/faces"):
            yield Case("bomb", name, partial(uploaded, path, build), codes)
    for files, codes in (
        (foreign.foreign(), ("unsupported_type",)),
        (foreign.polyglots(), ("ok",)),
        (foreign.impostors(), REFUSED),
    ):
        for name, data in files.items():
            for suffix in ("jpg", "png", "webp"):
                sent = sent_somehow(data, random, f"photo.{suffix}")
                yield Case("foreign or polyglot", name, sent, codes)
    for file_name in FILE_NAMES:
        for name in ("jpeg", "png", "webp"):
            body = form(sources()[name], name=file_name)
            # a line end in the name tears the part's head apart
            answers = ("ok", "missing_file", "bad_request") if "\n" in file_name else ("ok",)
            yield Case("file name", repr(file_name), partial(post, "/upload", *body), answers)
    yield from abandoned(random)
    for kind, found in (("broken form", broken_forms()), ("broken HTTP", broken_http())):
        yield from (Case(kind, name, partial(bytes, r), answers) for name, r, answers in found)


def uploaded(path: str, build: Callable[[], bytes]) -> bytes:
    return post(path, *form(build()))


def abandoned(random: Random) -> Iterator[Case]:
    """Cut anywhere in the head or the body; then the client hangs up."""
    for name, data in sources().items():
        for _ in range(4):
            whole = sent_somehow(data, random)()
            cut = random.randrange(1, random.choice((len(whole), 200)))
            yield Case("abandoned", name, partial(bytes, whole[:cut]), ("closed", "bad_request"))


def sent_somehow(data: bytes, random: Random, name: str = "photo.jpg") -> Callable[[], bytes]:
    """As a form to either route or as a body, with a length or chunked."""
    ways = [("/upload", *form(data, name=name)), ("/v1/faces", *form(data, name=name))]
    ways += [("/v1/faces", data, "image/" + random.choice(("jpeg", "png", "x-unknown")))]
    path, body, type_ = random.choice(ways)
    if random.random() < 0.2:
        return partial(chunked, path, body, type_, random.choice((1, 7, 100, 8192)))
    return partial(post, path, body, type_)


def sample(count: int, seed: int) -> list[Case]:
    """A few of every kind; no large bombs."""
    by_kind: dict[str, list[Case]] = {}
    for case in cases(3000, seed):
        by_kind.setdefault(case.kind, []).append(case)
    by_kind["bomb"] = [case for case in by_kind["bomb"] if "claiming" in case.name]
    random = Random(seed)
    share = count // len(by_kind)
    chosen = (random.sample(found, min(share, len(found))) for found in by_kind.values())
    return [*chain.from_iterable(chosen)]
