"""Which files are to be judged, those named and those in the folders named; what is left out."""

import os
import stat
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# what NAS boxes, macOS and Windows keep beside photos: thumbnails, metadata, deleted files
SYSTEM = ("@eadir", "@recycle", "#recycle", "$recycle.bin", "__macosx", "thumbs.db")
HIDDEN, SPECIAL, CLOSED = "hidden or system", "neither file nor folder", "cannot be opened"


@dataclass(frozen=True)
class File:
    """`path`: a Path, or what opens like one (app.sources); `place`: its path in the table, where a
    copy of it belongs in another folder; `stamp`: see `stamp`, None if it cannot be read, as for a
    link that leads nowhere; `named`: itself, not only a folder that it is in."""

    path: Any
    place: Path
    stamp: list | None
    named: bool


@dataclass
class Listing:
    """`files` by name, see `shown`; `left_out`: why each other entry is not among them."""

    files: dict[str, File] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


def shown(path: Path | str) -> str:
    """A name for tables, whatever the locale, and never the same for two files: UTF-8 as it is, any
    other byte as `\\xd5`, a backslash as two."""
    return os.fsencode(path).replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")


def printed(name: str) -> str:
    """A name for messages: line breaks and what a terminal would obey are escaped, too."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in name)


def stamp(status: os.stat_result) -> list[int]:
    """Size in bytes and time of change in ns: they differ once a file is replaced."""
    return [status.st_size, status.st_mtime_ns]


def listing(
    roots: Sequence[Path], base: Path | None, own: Iterable[Path] = (), hidden: bool = False
) -> Listing:
    """The files among `roots` and in the folders among them, sorted by name, without the run's
    `own` files and folders. Names are relative to `base`; without one, they begin with their root.
    Each folder is read once, however many links lead to it. With `hidden`, nothing is left out
    because of its name.
    """
    return _Search(base, own, hidden).listing(roots)


class _Search:
    def __init__(self, base: Path | None, own: Iterable[Path], hidden: bool):
        self.base = base
        self.own = {_identity(path.stat()) for path in own if path.exists()}
        self.hidden = hidden
        self.read: set[tuple[int, int]] = set()  # folders
        self.found = Listing()

    def listing(self, roots: Sequence[Path]) -> Listing:
        for root in roots:
            folder = root.is_dir()
            for path, status in self._walk(root) if folder else [(root, _status(root))]:
                place = self._place(path)
                if status and not stat.S_ISREG(status.st_mode):
                    self._leave_out(path, SPECIAL)
                elif status is None or _identity(status) not in self.own:
                    # opening a file without a status will say why it has none
                    known = stamp(status) if status else None
                    self.found.files[shown(place)] = File(path, place, known, not folder)
        self.found.files = dict(sorted(self.found.files.items()))
        return self.found

    def _walk(self, root: Path) -> Iterator[tuple[Path, os.stat_result | None]]:
        """Everything but folders, and what it is, or None if that cannot be read."""
        # a link to a parent of the root leads in a circle
        above = {_identity(parent.stat()) for parent in root.resolve().parents}
        folders, links = deque([root]), deque[Path]()  # links wait: a folder keeps its own name
        while folders or links:
            for path in self._entries((folders or links).popleft(), above):
                status = _status(path)
                if status and stat.S_ISDIR(status.st_mode):
                    (links if path.is_symlink() else folders).append(path)
                else:
                    yield path, status

    def _entries(self, folder: Path, above: set[tuple[int, int]]) -> Iterator[Path]:
        try:
            if (identity := _identity(folder.stat())) in self.read | self.own | above:
                return
            self.read.add(identity)
            entries = sorted(folder.iterdir())
        except OSError as error:
            self._leave_out(folder, f"{CLOSED}: {error.strerror or error}")
            return
        for path in entries:
            if self.hidden or not is_hidden(path.name):
                yield path
            else:
                self._leave_out(path, HIDDEN)

    def _leave_out(self, path: Path, why: str) -> None:
        self.found.left_out[shown(self._place(path))] = why

    def _place(self, path: Path) -> Path:
        return path.relative_to(self.base) if self.base else path


def is_hidden(name: str) -> bool:
    return name.startswith(".") or name.lower() in SYSTEM


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino
