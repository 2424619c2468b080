"""A table as a folder of Parquet files, written by many hosts at once, here or at a URL.

The name of a part is a hash of the photos that it is made from: their names, sizes and times. So a
part that is written twice replaces itself, and a run knows from the names what is already done.
"""

import hashlib
import io
import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app import writers
from app.folder import File

PHOTOS = 1000  # in a part, on average
AGAIN = ".again"  # before its ending: with photos that a later run is to try again
SOURCE, SUCCESS = "_yanling.json", "_SUCCESS"  # readers of Parquet pass over what begins with _
Named = tuple[str, File]


class PartsError(Exception):
    """The folder cannot be used; the message says why and what to do."""


def divided(files: Iterable[Named]) -> Iterator[list[Named]]:
    """The files of each part. A name's hash says where a part ends, so a new file among many
    changes one part, and not all that follow."""
    part: list[Named] = []
    for name, file in files:
        part.append((name, file))
        if _number(name) % PHOTOS == 0 or len(part) == 4 * PHOTOS:
            yield part
            part = []
    if part:
        yield part


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


def called(files: Iterable[Named]) -> str:
    """The name of their part, without its ending."""
    facts = json.dumps([(name, file.stamp) for name, file in files])
    return f"part-{hashlib.sha256(facts.encode()).hexdigest()[:24]}"


def whole(name: str) -> str:
    """The file of a part that is done."""
    return f"{name}.parquet"


@dataclass(frozen=True)
class Parts:
    """`url`: the folder, a path or a URL."""

    url: str

    @cached_property
    def _system(self) -> Any:
        from fsspec.core import url_to_fs

        return url_to_fs(self.url)

    def _path(self, name: str = "") -> str:
        return f"{self._system[1].rstrip('/')}/{name}"

    def begin(self, source: dict[str, str], restart: bool) -> None:
        """Make the folder, or continue a run that was made from the same `source`
        (app.journal.made_from). Raises PartsError."""
        system, _ = self._system
        system.makedirs(self._path().rstrip("/"), exist_ok=True)
        names = self._names()
        if SOURCE in names and not restart:
            self._refuse_another(source, json.loads(system.cat_file(self._path(SOURCE))))
        if SOURCE not in names and any(not name.startswith("_") for name in names):
            raise PartsError(f"{self.url} has other files in it: choose another --out")
        self._remove(names if restart else names & {SUCCESS})
        self._put(SOURCE, json.dumps(source).encode())

    def _refuse_another(self, source: dict[str, str], before: dict[str, str]) -> None:
        for key, value in source.items():
            if before.get(key) != value:
                raise PartsError(
                    f"{self.url} is from a run with another {key}, {before.get(key)}, not {value}:"
                    " choose another --out, or add --restart to begin again"
                )

    def has(self, name: str) -> bool:
        return self._system[0].exists(self._path(whole(name)))

    def write(self, name: str, lines: list[dict], complete: bool) -> str:
        """The rows of these lines (app.batch.estimate_one). Returns the file's name."""
        from pyarrow import parquet

        file = io.BytesIO()
        parquet.write_table(writers.table(lines), file)
        target = whole(name if complete else name + AGAIN)
        self._put(target, file.getvalue())
        return target

    def end(self, parts: set[str]) -> None:
        """Remove what is not among these, from photos that are gone or killed workers, and say
        that the table is whole."""
        self._remove(self._names() - parts - {SOURCE})
        self._put(SUCCESS, b"")

    def _put(self, name: str, data: bytes) -> None:
        """Whole or not at all, even where two write the same."""
        system, _ = self._system
        part = self._path(f"_{uuid.uuid4().hex}")
        system.pipe_file(part, data)
        system.mv(part, self._path(name))

    def _names(self) -> set[str]:
        system, _ = self._system
        system.invalidate_cache()
        return {path.rpartition("/")[2] for path in system.ls(self._path(), detail=False)}

    def _remove(self, names: Iterable[str]) -> None:
        """Those that are ours."""
        for name in names:
            if name.startswith(("part-", "_")):
                self._system[0].rm_file(self._path(name))
