"""What is in archives, as files that can be opened like any other."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from app import archives
from app.folder import HIDDEN, SPECIAL, File, Listing, is_hidden, shown
from app.remote import Remote
from model.photo import MAX_BYTES, PhotoError


@dataclass(frozen=True)
class Archive:
    """`place`: of its file; `stamp`: that of its file, and `columns` (see app.archives.Parquet)."""

    place: Path | Remote
    stamp: tuple
    columns: tuple[str, str]

    def opened(self) -> archives.Reader:
        return archives.opened(self.place.open("rb"), self.place.name, self.columns)


@dataclass(frozen=True)
class Member:
    """A file in an archive. `key`: see app.archives; `why`: set where it cannot be read."""

    archive: Archive
    name: str
    key: Any
    why: str = ""

    @property
    def stamp(self) -> list:
        return list(self.archive.stamp)

    def open(self, _: str = "rb") -> BinaryIO:
        """As many of its bytes as a photo may have, and one more.

        Raises OSError, and PhotoError for an archive: there is no end to what that may contain.
        """
        if self.why:
            raise OSError(self.why)
        if archives.is_archive(self.name):
            raise PhotoError("nested_archive", "An archive within an archive is not opened.")
        with archives.understood():
            return io.BytesIO(_kept_open(self.archive).read(self.key, MAX_BYTES + 1))


_open: dict[Archive, archives.Reader] = {}  # the one that this process last read from


def _kept_open(archive: Archive) -> archives.Reader:
    if archive not in _open:
        while _open:
            _open.popitem()[1].close()
        _open[archive] = archive.opened()
    return _open[archive]


def unpacked(packed: Listing, hidden: bool) -> Listing:
    """With the members of each archive in its place."""
    result = Listing({}, dict(packed.left_out))
    for name, file in packed.files.items():
        if isinstance(file.path, Archive):
            inside = members(name, file, hidden)
            result.files |= inside.files
            result.left_out |= inside.left_out
        else:
            result.files[name] = file
    result.files = dict(sorted(result.files.items()))
    return result


def members(name: str, file: File, hidden: bool) -> Listing:
    """What is in an archive, each under the archive's name and its own. Of several of one name the
    last counts, as when they are unpacked. An archive that is broken, or breaks off, is a file that
    cannot be read."""
    archive: Archive = file.path
    result = Listing()
    try:
        reader = archive.opened()
        try:
            with archives.understood():
                for inner, key in reader.members():
                    label = f"{name}/{shown(inner)}"
                    if not hidden and any(map(is_hidden, inner.parts)):
                        result.left_out[label] = HIDDEN
                    elif key is None:
                        result.left_out[label] = SPECIAL
                    else:
                        member = Member(archive, inner.name, key)
                        result.files[label] = File(member, file.place / inner, file.stamp, False)
        finally:
            reader.close()
    except OSError as error:
        broken = Member(archive, "", None, error.strerror or str(error))
        result.files[name] = File(broken, file.place, None, False)
    return result
