"""What a folder holds: the files to look at, and a count of what is left out."""

import os
import stat
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

# what NAS boxes, macOS and Windows keep beside photos: thumbnails, metadata, deleted files
SYSTEM = ("@eadir", "@recycle", "#recycle", "$recycle.bin", "__macosx", "thumbs.db")


@dataclass(frozen=True)
class File:
    """`stamp`: see `stamp`; None if it cannot be read, as for a link that leads nowhere."""

    path: Path
    stamp: list[int] | None


@dataclass
class Listing:
    """`files` by name, see `shown`; `hidden`: how many entries were left out because of their name;
    `special`: how many are neither file nor folder; `closed`: each folder that could not be read,
    and why."""

    files: dict[str, File] = field(default_factory=dict)
    hidden: int = 0
    special: int = 0
    closed: dict[str, str] = field(default_factory=dict)


def shown(path: Path) -> str:
    """A name for tables and messages, whatever the locale, and never the same for two files: UTF-8
    as it is, any other byte as `\\xd5`, a backslash as two."""
    return os.fsencode(path).replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")


def stamp(status: os.stat_result) -> list[int]:
    """Size in bytes and time of change in ns: they differ once a file is replaced."""
    return [status.st_size, status.st_mtime_ns]


def listing(root: Path, journal: Path) -> Listing:
    """The files in the folder `root` and below, sorted by name, without `journal`; `root` may also
    be a single file. Each folder is read once, however many links lead to it."""
    found = Listing()
    own = journal.stat() if journal.exists() else None
    is_folder = root.is_dir()
    for path, status in _walk(root, found) if is_folder else [(root, root.stat())]:
        name = shown(path.relative_to(root) if is_folder else Path(path.name))
        if status is None:  # opening it will say why
            found.files[name] = File(path, None)
        elif not stat.S_ISREG(status.st_mode):
            found.special += 1
        elif own is None or not os.path.samestat(status, own):
            found.files[name] = File(path, stamp(status))
    found.files = dict(sorted(found.files.items()))
    return found


def _walk(root: Path, found: Listing) -> Iterator[tuple[Path, os.stat_result | None]]:
    """Everything but folders, and what it is, or None if that cannot be read."""
    # a link to a parent of the root leads in a circle
    seen = {_identity(parent.stat()) for parent in root.resolve().parents}
    folders, links = deque([root]), deque[Path]()  # links wait: a folder keeps its own name
    while folders or links:
        for path in _entries((folders or links).popleft(), seen, found):
            try:
                status = path.stat()
            except OSError:
                status = None
            if status and stat.S_ISDIR(status.st_mode):
                (links if path.is_symlink() else folders).append(path)
            else:
                yield path, status


def _entries(folder: Path, seen: set[tuple[int, int]], found: Listing) -> list[Path]:
    try:
        if (identity := _identity(folder.stat())) in seen:
            return []
        seen.add(identity)
        entries = sorted(folder.iterdir())
    except OSError as error:
        found.closed[shown(folder)] = error.strerror or str(error)
        return []
    kept = [path for path in entries if not _is_hidden(path.name)]
    found.hidden += len(entries) - len(kept)
    return kept


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name.lower() in SYSTEM


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino
