"""Photos and archives that are not on this machine: URLs that fsspec knows, such as s3://, gs://,
https://."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

URL = re.compile(r"[a-zA-Z][\w+.-]*://")
GLOB = re.compile(r"[*?[]")


@dataclass(frozen=True)
class Remote:
    """`stamp`: its size in bytes, and a hash of all that its host says of it."""

    url: str
    stamp: tuple[int, str]

    @property
    def name(self) -> str:
        return PurePosixPath(self.url).name

    def open(self, _: str = "rb") -> BinaryIO:
        import fsspec

        return fsspec.open(self.url, "rb").open()


def is_url(name: str) -> bool:
    return bool(URL.match(name))


def files(url: str) -> Iterator[tuple[str, Remote]]:
    """Each file with its path below `url`: all in a folder, what a pattern (* ? []) fits, or the
    file itself, whose path is empty.

    Raises OSError when there is none or the kind of URL is unknown, and ImportError when it needs
    a package.
    """
    from fsspec.core import url_to_fs
    from fsspec.utils import tokenize

    try:
        system, path = url_to_fs(url)
    except ValueError as error:
        raise OSError(str(error)) from None
    if pattern := GLOB.search(path):
        found = system.glob(path, detail=True)
        root = path[: pattern.start()].rpartition("/")[0]
    elif url.endswith("/") or (facts := system.info(path))["type"] == "directory":
        found, root = system.find(path, detail=True), path
    else:
        found, root = {path: facts}, path
    if not found:
        raise FileNotFoundError(2, "No such file or folder", url)
    for where, facts in found.items():
        if facts["type"] == "file":
            stamp = (facts["size"] or 0, tokenize(facts))
            below = where[len(root) :].strip("/")
            yield below, Remote(system.unstrip_protocol(where), stamp)
