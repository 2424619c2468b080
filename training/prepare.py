"""Photos -> clean, split, aligned chips, through the same code that serves."""

import argparse
import csv
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from training import clean, cluster, duplicates, shards, splits, survey
from training.datasets import (
    Record,
    aaf,
    afad,
    appa_real,
    fairface,
    fg_net,
    imdb_wiki,
    megaage_asian,
    own,
    utkface,
)

READERS = {
    "imdb-wiki": imdb_wiki.read,
    "utkface": utkface.read,
    "aaf": aaf.read,
    "fairface": fairface.read,
    "afad": afad.read,
    "appa-real": appa_real.read,
    "megaage-asian": megaage_asian.read,
    "fg-net": fg_net.read,
    "own": own.read,
}
COLUMNS = ("source", "name", "age_low", "age_high", "gender", "identity", "race", "split", "shard",
           "row", "size", "turn", "sharpness", "brightness")  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    for name in READERS:
        parser.add_argument(f"--{name}", type=Path, metavar="DIR", help=f"folder of {name}")
    parser.add_argument("--out", type=Path, default=Path("chips"), help="default: %(default)s")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="default: all cores")
    parser.add_argument(
        "--ray", action="store_true", help="work on a Ray cluster that sees the same folders"
    )
    parser.add_argument(
        "--validation", type=float, default=splits.VALIDATION_SHARE, metavar="SHARE",
        help="share of the photos that training never sees, default: %(default)s",
    )  # fmt: skip


def run(args: argparse.Namespace) -> None:
    """Write `table.csv`, a row a usable photo, the shards that it points into, and
    `cleaning.md` with `cleaning.png`, what was left out and why."""
    records = read(args)
    labelled, removed = clean.by_label(records)
    folder = args.out / "shards"
    folder.mkdir(parents=True, exist_ok=True)
    parts = shards.cut(labelled)
    started = time.monotonic()
    make = cluster.make(parts, folder) if args.ray else make_here(parts, folder, args.workers)
    for _ in track(make, "aligning", len(parts), console=Console(stderr=True)):
        pass
    seconds = time.monotonic() - started
    rows = [row for part in parts for row in read_shard(part, folder)]
    kept, unusable, noise = sift(labelled, rows)
    sides = splits.split([record for record, _ in kept], args.validation)
    write_table(args.out / "table.csv", kept, sides)
    facts = survey.count(records, removed + unusable, kept, sides, noise)
    survey.write(args.out, facts)
    print(f"{len(kept)} chips in {args.out}, {len(labelled) / seconds:.0f} photos a second")


def read(args: argparse.Namespace) -> list[Record]:
    """The records of every data set that the command line names; it has to name one."""
    records = [
        record
        for name, read_one in READERS.items()
        if (folder := getattr(args, name.replace("-", "_")))
        for record in read_one(folder)
    ]
    if not records:
        raise SystemExit("no photos: name at least one data set's folder, see --help")
    return records


def make_here(
    parts: Sequence[Sequence[Record]], folder: Path, workers: int | None
) -> Iterator[Path]:
    """Every shard on this machine's cores, in whatever order they get done."""
    with ProcessPoolExecutor(workers) as pool:
        for done in as_completed([pool.submit(shards.make, part, folder) for part in parts]):
            yield done.result()


def read_shard(part: Sequence[Record], folder: Path) -> Iterator[dict[str, str]]:
    """The shard's rows, each with the `shard` and the `row` of its chip, if it has one."""
    name, row_of_chip = shards.name(part), 0
    with (folder / f"{name}.csv").open(newline="") as file:
        for row in csv.DictReader(file, restval=""):
            yield {**row, "shard": name, "row": str(row_of_chip)}
            row_of_chip += not row["reason"]


Kept = tuple[Record, dict[str, str]]


def sift(
    records: Sequence[Record], rows: Sequence[dict[str, str]]
) -> tuple[list[Kept], list[tuple[Record, str]], list[float]]:
    """What has a chip of its own; the rest, each with its reason; and the years between the labels
    of pictures that were there twice."""
    pairs = list(zip(records, rows, strict=True))
    removed = [(record, row["reason"]) for record, row in pairs if row["reason"]]
    seen = [(record, row) for record, row in pairs if not row["reason"]]
    hashes = [list(bytes.fromhex(row["hash"])) for _, row in seen]
    ages = np.array([(record.age_low, record.age_high) for record, _ in seen])
    genders = np.array([-1 if record.gender is None else record.gender for record, _ in seen])
    groups = duplicates.copies(np.array(hashes, np.uint8))
    why = duplicates.reasons(groups, [row["sha256"] for _, row in seen], ages, genders)
    both = list(zip(seen, why, strict=True))
    removed += [(record, reason) for (record, _), reason in both if reason]
    return (
        [pair for pair, reason in both if not reason],
        removed,
        duplicates.label_noise(groups, ages),
    )


def write_table(path: Path, kept: Sequence[Kept], sides: Sequence[str]) -> None:
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, extrasaction="ignore")
        table.writeheader()
        for (record, row), side in zip(kept, sides, strict=True):
            source, name = record.key.split("/", 1)
            own = {column: getattr(record, column) for column in COLUMNS[2:7]}
            table.writerow({**row, **own, "source": source, "name": name, "split": side})
