"""Reads tar, zip and Parquet files: what is in them, and one member at a time."""

import bz2
import gzip
import lzma
import os
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, cast

COLUMNS = ("file", "bytes")  # of a Parquet file: a photo's name and the photo
# what the libraries raise for a file that is broken or encrypted; pyarrow's errors are ValueErrors
BROKEN = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, ValueError,
          LookupError, RuntimeError)  # fmt: skip


class Reader:
    """`file`: what a library makes of the archive, `below`."""

    below: BinaryIO
    file: Any

    def members(self) -> Iterator[tuple[Path, Any]]:
        """Name and key of each member that is no folder; the key of a link or device is None."""
        raise NotImplementedError

    def read(self, key: Any, most: int) -> bytes:
        """At most so many of a member's bytes."""
        raise NotImplementedError

    def close(self) -> None:
        self.file.close()
        self.below.close()


class Headers:
    """A tar file as tarfile reads it. One header may claim to be larger than all memory."""

    MOST = 2**20  # bytes

    def __init__(self, file: Any):
        self.seek, self.tell, self._read = file.seek, file.tell, file.read

    def read(self, size: int) -> bytes:
        if size > self.MOST:
            raise tarfile.ReadError("a header is too large")
        return self._read(size)


class Tar(Reader):
    """A compressed one is decompressed from its start up to what is read; members that are read in
    their order cost no more than the whole."""

    OPENERS: ClassVar[dict[str, Callable]] = {".gz": gzip.open, ".tgz": gzip.open, ".bz2": bz2.open,
                                    ".xz": lzma.open}  # fmt: skip

    def __init__(self, file: BinaryIO, name: str, _: tuple[str, str]):
        opener = self.OPENERS.get(Path(name).suffix.lower())
        self.below = file
        self.file = opener(file) if opener else file

    def members(self) -> Iterator[tuple[Path, Any]]:
        file = cast(BinaryIO, Headers(self.file))
        with tarfile.open(fileobj=file, mode="r:", encoding="utf-8") as tar:
            for info in tar:
                if not info.isdir():
                    plain = info.isreg() and not info.issparse()
                    yield Path(info.name), (info.offset_data, info.size) if plain else None
                tar.members = []  # type: ignore[attr-defined]  # it would keep them all

    def read(self, key: tuple[int, int], most: int) -> bytes:
        start, size = key
        self.file.seek(start)
        if len(data := self.file.read(min(size, most))) < min(size, most):
            raise EOFError("the archive is cut off")
        return data


class Zip(Reader):
    def __init__(self, file: BinaryIO, *_: Any):
        self.below = file
        self.file = zipfile.ZipFile(file)

    def members(self) -> Iterator[tuple[Path, Any]]:
        for number, info in enumerate(self.file.infolist()):
            if not info.is_dir():
                yield self._name(info), number

    @staticmethod
    def _name(info: zipfile.ZipInfo) -> Path:
        """As unpacking it would leave it: bytes that are not declared as UTF-8 stay as they are."""
        if info.flag_bits & 0x800 or info.filename != info.orig_filename:  # declared elsewhere
            return Path(info.filename)
        return Path(os.fsdecode(info.filename.encode("cp437")))

    def read(self, key: int, most: int) -> bytes:
        with self.file.open(self.file.infolist()[key]) as member:
            return member.read(most)


class Parquet(Reader):
    """`columns`: of names and of photos; a dot leads into a struct, as in `image.bytes`."""

    def __init__(self, file: BinaryIO, _: str, columns: tuple[str, str]):
        from pyarrow import parquet

        self.below = file
        self.file = parquet.ParquetFile(file)
        self.names, self.photos = columns
        self.group: tuple[int, Any] = (-1, None)  # the last one that was read
        known = [field.path for field in map(self.file.schema.column, range(len(self.file.schema)))]
        if missing := {*columns} - {*known}:
            raise LookupError(f"no column {min(missing)}, only {', '.join(known)}")

    def members(self) -> Iterator[tuple[Path, Any]]:
        for group in range(self.file.num_row_groups):
            for row, name in enumerate(self._column(group, self.names)):
                yield Path(name.as_py() or f"row {group}.{row}"), (group, row)

    def read(self, key: tuple[int, int], most: int) -> bytes:
        group, row = key
        if self.group[0] != group:
            self.group = group, self._column(group, self.photos)
        return (self.group[1].cast("binary")[row].as_py() or b"")[:most]

    def _column(self, group: int, name: str) -> Any:
        table = self.file.read_row_group(group, columns=[name])
        while name not in table.column_names:
            table = table.flatten()
        return table[name]


KINDS: dict[str, Callable[..., Reader]] = {
    ".zip": Zip, ".parquet": Parquet, ".tar": Tar, ".tgz": Tar,
    ".tar.gz": Tar, ".tar.bz2": Tar, ".tar.xz": Tar,
}  # fmt: skip


def is_archive(name: str) -> bool:
    """By its ending: to look inside each of many files on another host would take long."""
    return name.lower().endswith(tuple(KINDS))


@contextmanager
def understood() -> Iterator[None]:
    """What the libraries raise becomes an OSError."""
    try:
        yield
    except BROKEN as error:
        raise OSError(str(error) or type(error).__name__) from None


def opened(file: BinaryIO, name: str, columns: tuple[str, str]) -> Reader:
    """Raises OSError when it is broken."""
    kind = next(kind for ending, kind in KINDS.items() if name.lower().endswith(ending))
    try:
        with understood():
            return kind(file, name, columns)
    except BaseException:
        file.close()
        raise
