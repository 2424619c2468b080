"""Photos -> clean, split, aligned chips, through the same code that serves."""

import csv
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import fields
from pathlib import Path

import click
import numpy as np
from rich.console import Console
from rich.progress import track

from model.processor import cores
from model.quality import Quality
from training import clean, cluster, duplicates, options, shards, splits, survey
from training.datasets import (
    DataSetError,
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
           "row", *(field.name for field in fields(Quality)))  # fmt: skip


def data_sets(command: Callable) -> Callable:
    """Give `command` an option for the folder of each data set; `read` takes their values."""
    for name in reversed(READERS):
        add = click.option(
            f"--{name}", type=options.FOLDER, metavar="DIR", help=f"Folder of {name}."
        )
        command = add(command)
    return command


@click.command()
@data_sets
@click.option("--out", type=options.OUTPUT, default="chips", help="Folder to write.")
@click.option("--workers", default=cores(), help="Processes that cut chips.")
@click.option("--ray", is_flag=True, help="Use a Ray cluster whose nodes see the same folders.")
@click.option("--validation", default=splits.VALIDATION_SHARE, help="Share of validation photos.")
def main(out: Path, workers: int, ray: bool, validation: float, **folders: Path | None) -> None:
    """Write a table of the usable photos, shards of their chips, and what was removed and why."""
    records = read(folders)
    labelled, removed = clean.by_label(records)
    folder = out / "shards"
    folder.mkdir(parents=True, exist_ok=True)
    # until all shards are made again, the table of an earlier run names the wrong chips
    (out / "table.csv").unlink(missing_ok=True)
    parts = shards.cut(labelled)
    started = time.monotonic()
    make = cluster.make(parts, folder) if ray else make_here(parts, folder, workers)
    reused = sum(track(make, "aligning", len(parts), console=Console(stderr=True)))
    seconds = time.monotonic() - started
    rows = [row for part in parts for row in read_shard(part, folder)]
    kept, unusable, noise = sift(labelled, rows)
    removed += unusable
    sides = splits.split([record for record, _ in kept], validation)
    survey.write(out, survey.count(records, removed, kept, sides, noise))
    if removed:
        click.echo(left_out(removed))
    if not kept:
        raise click.ClickException(f"none of the {len(records)} photos can be used")
    write_table(out / "table.csv", kept, sides)
    new = len(labelled) - reused
    print(f"{len(kept)} chips in {out}; {reused} photos reused, {new} new or changed, "
          f"{new / seconds:.0f} a second")  # fmt: skip


def read(folders: Mapping[str, Path | None]) -> list[Record]:
    """The records of every data set that has a folder, by its option's name; one must have."""
    records = []
    for name, read_one in READERS.items():
        if folder := folders[name.replace("-", "_")]:
            try:
                records += read_one(folder)
            except DataSetError as error:
                raise click.ClickException(f"--{name}: {error}") from error
    if not records:
        raise click.UsageError("name the folder of at least one data set, such as --utkface DIR")
    return records


def left_out(removed: Sequence[tuple[Record, str]]) -> str:
    """How many photos were removed for each reason, and one that is not where its table says."""
    counts = Counter(reason for _, reason in removed)
    text = ", ".join(f"{number} {reason}" for reason, number in counts.most_common())
    missing = next((record.path for record, reason in removed if reason == shards.MISSING), None)
    return f"left out: {text}" + (f"; there is no {missing}" if missing else "")


def make_here(parts: Sequence[Sequence[Record]], folder: Path, workers: int) -> Iterator[int]:
    """Make every shard on this machine's cores; yields how many of its photos were reused."""
    with ProcessPoolExecutor(workers) as pool:
        for done in as_completed([pool.submit(shards.make, part, folder) for part in parts]):
            yield done.result()


def read_shard(part: Sequence[Record], folder: Path) -> Iterator[dict[str, str]]:
    """The shard's rows, each with `shard` and `row`: where its chip is, if it has one."""
    name, row_of_chip = shards.name(part), 0
    with shards.opened(folder / f"{name}.csv") as file:
        for row in csv.DictReader(file, restval=""):
            yield {**row, "shard": name, "row": str(row_of_chip)}
            row_of_chip += not row["reason"]


Kept = tuple[Record, dict[str, str]]


def sift(
    records: Sequence[Record], rows: Sequence[dict[str, str]]
) -> tuple[list[Kept], list[tuple[Record, str]], list[float]]:
    """The photos to keep; the others, each with its reason; and the years between the labels of
    duplicates."""
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
    kept = [pair for pair, reason in both if not reason]
    return kept, removed, duplicates.label_noise(groups, ages)


def write_table(path: Path, kept: Sequence[Kept], sides: Sequence[str]) -> None:
    with shards.opened(path, "w") as file:
        table = csv.DictWriter(file, COLUMNS, extrasaction="ignore")
        table.writeheader()
        for (record, row), side in zip(kept, sides, strict=True):
            source, name = record.key.split("/", 1)
            own = {column: getattr(record, column) for column in COLUMNS[2:7]}
            table.writerow({**row, **own, "source": source, "name": name, "split": side})
