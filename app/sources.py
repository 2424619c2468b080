"""What a run is to judge: files and folders, here or at a URL, and archives."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app import archives, members, remote
from app.folder import HIDDEN, File, Listing, is_hidden, listing, shown
from app.members import Archive


@dataclass(frozen=True)
class Sources:
    """`roots`: files, folders and URLs of such, as they were named; `base`: the folder to which
    names are relative, None where several things were named; `hidden`, `columns`: see
    app.estimate."""

    roots: list[Path | str]
    base: Path | str | None
    hidden: bool
    columns: tuple[str, str]

    def packed(self, own: Iterable[Path] = ()) -> Listing:
        """As app.folder.listing. An archive that was named, or that a pattern fits, is a file with
        an `Archive` in the place of its path.

        Raises OSError, and ImportError where a kind of URL needs a package.
        """
        here = [root for root in self.roots if isinstance(root, Path)]
        base = self.base if isinstance(self.base, Path) else None
        found = listing(here, base, own, self.hidden)
        for name, file in found.files.items():
            if file.named and file.stamp:
                found.files[name] = self._packed(file)
        for root in self.roots:
            if isinstance(root, str):
                self._add(root, found)
        found.files = dict(sorted(found.files.items()))
        return found

    def found(self, own: Iterable[Path] = ()) -> Listing:
        """The same, with the members of each archive in its place."""
        return members.unpacked(self.packed(own), self.hidden)

    def origin(self) -> str:
        """What a journal belongs to: what was named, or the folders that the names begin with."""
        if self.base:
            return place(self.roots[0])
        folders = {place(root) for root in self.roots if isinstance(root, str) or root.is_dir()}
        return ", ".join([shown(Path.cwd()), *sorted(folders)])

    def title(self) -> str:
        if not self.base:
            return f"{len(self.roots)} files and folders"
        return place(self.roots[0]).rstrip("/").rpartition("/")[2]

    def _add(self, url: str, found: Listing) -> None:
        alone = bool(remote.GLOB.search(url))
        for below, file in remote.files(url):
            name = shown((below or file.name) if self.base else file.url)
            if not self.hidden and any(map(is_hidden, below.split("/"))):
                found.left_out[name] = HIDDEN
                continue
            found.files[name] = File(file, Path(name), list(file.stamp), named=False)
            if alone or not below:
                found.files[name] = self._packed(found.files[name])

    def _packed(self, file: File) -> File:
        if not archives.is_archive(file.path.name):
            return file
        stamp = [*(file.stamp or ()), *self.columns]
        archive = Archive(file.path, tuple(stamp), self.columns)
        return File(archive, file.place, stamp, named=False)


def place(root: Path | str) -> str:
    return root if isinstance(root, str) else shown(root.resolve())
