"""Photos -> a table and aligned chips, through the same code that serves."""

import csv
import hashlib
import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap
from rich.progress import track

from model import chip, photo
from model.faces import FaceFinder
from training.datasets import Record, aaf, fairface, utkface

READERS = {"utkface": utkface.read, "aaf": aaf.read, "fairface": fairface.read}
VALIDATION_SHARE = 0.08
COLUMNS = ("source", "name", "age_low", "age_high", "gender", "race", "split")

_finder: FaceFinder  # one a process, see _start


def add_arguments(parser) -> None:
    for name in READERS:
        parser.add_argument(f"--{name}", type=Path, metavar="DIR", help=f"folder of {name}")
    parser.add_argument("--out", type=Path, default=Path("chips"), help="default: %(default)s")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="default: all cores")


def run(args) -> None:
    """Write `table.csv` and `chips.npy`, (n, 160, 160, 3) uint8 RGB, row for row."""
    records = [
        record
        for name, read in READERS.items()
        if (folder := getattr(args, name))
        for record in read(folder)
    ]
    if not records:
        raise SystemExit("no photos: name at least one data set's folder, see --help")
    args.out.mkdir(parents=True, exist_ok=True)
    shape = (len(records), chip.CHIP_SIZE, chip.CHIP_SIZE, 3)
    chips = open_memmap(args.out / "all.npy", "w+", np.uint8, shape)
    kept: list[Record] = []
    dropped: Counter[tuple[str, str]] = Counter()
    with ProcessPoolExecutor(args.workers, initializer=_start) as pool:
        results = pool.map(chip_of, records, chunksize=16)
        for record, result in zip(records, track(results, "aligning", len(records)), strict=True):
            if isinstance(result, str):
                dropped[record.source, result] += 1
            else:
                chips[len(kept)] = result
                kept.append(record)
    _trim(args.out, chips, len(kept))
    write_table(args.out / "table.csv", kept)
    for (source, reason), count in sorted(dropped.items()):
        print(f"dropped from {source}: {count} ({reason})")
    print(f"{len(kept)} chips in {args.out}")


def chip_of(record: Record) -> np.ndarray | str:
    """The chip of the largest face in the record's photo, or in a word why there is none."""
    try:
        pixels = photo.decode(record.path.read_bytes()).pixels
    except (photo.PhotoError, OSError) as error:
        return getattr(error, "code", "unreadable")
    if record.border:
        margin = round(record.border * max(pixels.shape[:2]))
        pixels = np.pad(pixels, ((margin, margin), (margin, margin), (0, 0)), mode="edge")
    faces = _finder.find(pixels)
    return faces[0].chip if faces else "no_face"


def split_of(record: Record) -> str:
    """`train` or `validation`, by the hash of the photo's name: the same on every machine."""
    digest = hashlib.sha256(f"{record.source}/{record.path.name}".encode()).digest()
    share = int.from_bytes(digest[:4], "big") / 2**32
    return "validation" if share < VALIDATION_SHARE else "train"


def write_table(path: Path, records: list[Record]) -> None:
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for record in records:
            gender = "" if record.gender is None else record.gender
            ages = (record.age_low, record.age_high)
            table.writerow(
                (record.source, record.path.name, *ages, gender, record.race, split_of(record))
            )


def _start() -> None:
    global _finder
    _finder = FaceFinder()


def _trim(folder: Path, chips: np.ndarray, count: int) -> None:
    """Shorten the file to the chips that it really holds."""
    final = open_memmap(folder / "chips.npy", "w+", np.uint8, (count, *chips.shape[1:]))
    for start in range(0, count, 1024):
        final[start : start + 1024] = chips[start : min(start + 1024, count)]
    final.flush()
    (folder / "all.npy").unlink()
