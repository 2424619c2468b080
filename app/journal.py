"""The journal of a run: a first line that says what its answers are made from, then a line per
file. So an interrupted run continues, and one made from anything else is refused."""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.folder import shown
from model.engine import FILES, WEIGHTS, metadata

# the code that answers
OWN = ("batch.py", "decoder.py", "people.py", "video.py", "wire.py")
CODE = [*WEIGHTS.parent.glob("*.py"), *map(Path(__file__).with_name, OWN)]
REMEDY = "choose another --out, or add --restart to begin again"


class JournalError(Exception):
    """The journal cannot be used; the message says why and what to do."""


@dataclass
class Journal:
    """`entries` by file name: the entry of each file that is done (app.batch.estimate_one)."""

    path: Path
    file: BinaryIO
    entries: dict[str, dict]

    def stamp(self, name: str) -> list[int] | None:
        """The stamp of the file that was read under this name."""
        return self.entries.get(name, {}).get("stamp")

    def append(self, entry: dict) -> None:
        """Raises OSError when the disk is full."""
        _write(self.file, self.path, entry)
        self.entries[entry["line"]["file"]] = entry


def made_from(source: str, every: int) -> dict[str, str]:
    """Everything that an answer depends on, except the photo itself. `source`: the folder that the
    names belong to; `every`: of so many frames of a video, one is judged.

    Raises model.engine.WeightsError when there are no weights.
    """
    facts = metadata()
    code = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(CODE)))
    return {
        "folder": source,
        "weights": f"{facts['version']} {facts['sha256'][FILES['onnx']][:12]}",
        "version of the code": code.hexdigest()[:12],
        "--every": str(every),
    }


@contextmanager
def opened(path: Path, source: dict[str, str], restart: bool = False) -> Iterator[Journal]:
    """The journal at `path`, begun or continued, locked against a second run. An incomplete last
    line is removed.

    Raises JournalError when another run has it, when it was made from anything but `source`, or
    when it is broken; OSError when it cannot be written.
    """
    with path.open("a+b", buffering=0) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise JournalError(
                f"another run is writing {shown(path)}: wait for it, or choose another --out"
            ) from None
        file.seek(0)
        data = b"" if restart else file.read()
        if _line({"made_from": source}).startswith(data):  # new, or stopped in its first line
            file.truncate(0)
            _write(file, path, {"made_from": source})
            yield Journal(path, file, {})
        else:
            complete = data[: data.rfind(b"\n") + 1]
            entries = _read(shown(path), complete, source)
            file.truncate(len(complete))
            yield Journal(path, file, entries)


def _read(name: str, data: bytes, source: dict[str, str]) -> dict[str, dict]:
    try:
        header, *entries = map(json.loads, data.splitlines())
        before = {key: header["made_from"][key] for key in source}
        by_file = {entry["line"]["file"]: entry for entry in entries}
    except (ValueError, LookupError, TypeError):
        raise JournalError(
            f"{name} is broken, or from another version of Yanling: {REMEDY}"
        ) from None
    for key, value in source.items():
        if before[key] != value:
            raise JournalError(
                f"{name} is from a run with another {key}, {before[key]}, not {value}: {REMEDY}"
            )
    return by_file


def _write(file: BinaryIO, path: Path, entry: dict) -> None:
    rest = _line(entry)
    try:
        while rest:
            rest = rest[file.write(rest) :]
    except OSError as error:  # Python leaves out the name
        raise OSError(error.errno, error.strerror, os.fspath(path)) from None


def _line(entry: dict) -> bytes:
    return json.dumps(entry).encode() + b"\n"
