"""One run of `estimate` on a Ray cluster, for more photos than one process can list, into a folder
of part files. Workers look into the archives, judge the photos and write the parts themselves.

Ray gives the part of a worker or a host that is lost to another, and looks no further ahead than
its memory allows. A photo that kills its decoder costs only that process (app/decoder.py).
"""

import json
import pickle
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from app import batch, journal, parts
from app.folder import File, Listing, printed
from app.members import Archive, unpacked
from app.parts import Parts, PartsError
from app.progress import watched
from app.sources import Sources
from model.cluster import connected

LOOKING = 4  # that look into archives at once, beside the workers that judge
RETRIES = 5  # of a part whose workers are killed


class ClusterError(Exception):
    """Ray gave up; the message says why."""


@dataclass(frozen=True)
class Bulk:
    """`out`: the folder; `workers`: None for one per core of the cluster; the others: see
    app.run.Run."""

    sources: Sources
    out: Parts
    workers: int | None
    restart: bool

    def go(self) -> None:
        """Judge what is not yet in the folder. Raises ClusterError, and what app.sources and
        app.parts raise."""
        if not (found := self.sources.packed()).files:
            raise PartsError(f"no photos, so {printed(self.out.url)} stays as it is")
        self.out.begin(journal.made_from(self.sources.origin(), 0), self.restart)
        total, made = Counter({"left out": len(found.left_out)}), set[str]()
        for _ in watched("estimating", None, self._steps(found, total, made)):
            pass
        self.out.end(made)
        click.echo(_summary(self.out, made, total))

    def _steps(self, found: Listing, total: Counter, made: set[str]) -> Iterator[None]:
        """One for each photo."""
        ray, units = connected(), list(_units(found))
        data = ray.data
        data.DataContext.get_current().target_max_block_size = 1  # byte: each part by itself
        rows = data.from_items([{"unit": unit} for unit in units], override_num_blocks=len(units))
        rows = rows.map_batches(
            looked_into, fn_args=(self.out, self.sources.hidden), batch_size=1, num_cpus=0,
            compute=data.TaskPoolStrategy(LOOKING),
        )  # fmt: skip
        cores = max(1, int(ray.cluster_resources().get("CPU", 1)))
        with warnings.catch_warnings(action="ignore"):  # Ray has no other way to set its retries
            rows = rows.map_batches(
                Write, fn_constructor_args=(self.out,), batch_size=1, num_cpus=1,
                compute=data.ActorPoolStrategy(size=min(self.workers or cores, cores)),
                max_task_retries=RETRIES,
            )  # fmt: skip
        with _told(ray):
            for row in rows.iter_rows():
                counts = Counter(json.loads(row["counts"]))
                total.update(counts)
                made.add(row["name"])
                yield from (None for _ in range(counts["photos"]))


def _units(found: Listing) -> Iterator[bytes]:
    """What is looked into at once: an archive, or the files of a part."""
    files = {name: _absolute(file) for name, file in found.files.items()}
    packed = {name for name, file in files.items() if isinstance(file.path, Archive)}
    for name in sorted(packed):
        yield pickle.dumps([(name, files[name])])
    loose = ((name, file) for name, file in files.items() if name not in packed)
    yield from map(pickle.dumps, parts.divided(loose))


def _absolute(file: File) -> File:
    """Workers may have been started in another folder."""
    if isinstance(file.path, Path):
        return replace(file, path=file.path.absolute())
    if isinstance(file.path, Archive) and isinstance(file.path.place, Path):
        return replace(file, path=replace(file.path, place=file.path.place.absolute()))
    return file


def looked_into(rows: dict, out: Parts, hidden: bool) -> Iterator[dict]:
    """The parts of each `unit`: `name`, `part`, empty where it is already there, and how many
    files were `left` out."""
    for unit in rows["unit"]:
        found = unpacked(Listing(dict(pickle.loads(unit))), hidden)
        left = len(found.left_out)
        for part in parts.divided(found.files.items()) if found.files else [[]]:
            name = parts.called(part)
            there = not part or out.has(name)
            yield {"name": [name], "part": [b"" if there else pickle.dumps(part)], "left": [left]}
            left = 0


class Write:
    """A worker that judges the photos of a `part` and writes their rows."""

    def __init__(self, out: Parts):
        self.out = out

    def __call__(self, rows: dict) -> Iterator[dict]:
        for name, part, left in zip(rows["name"], rows["part"], rows["left"], strict=True):
            counts = Counter({"left out": int(left), "parts": int(not part)})
            file = self._written(name, pickle.loads(part), counts) if part else parts.whole(name)
            yield {"name": [file], "counts": [json.dumps(counts)]}

    def _written(self, name: str, part: list[parts.Named], counts: Counter[str]) -> str:
        """The name of the part's file; counts what is in it."""
        entries = [batch.estimate_one(label, file.path) for label, file in part]
        lines = [entry["line"] for entry in entries if "other" not in entry["line"]]
        counts["photos"] = len(lines)
        counts["faces"] = sum(len(line.get("faces", ())) for line in lines)
        counts["refused"] = sum("error" in line for line in lines)
        counts["other"] = len(entries) - len(lines)
        return self.out.write(name, lines, all(entry["stamp"] for entry in entries))


@contextmanager
def _told(ray: Any) -> Iterator[None]:
    try:
        yield
    except ray.exceptions.RayError as error:
        why = str(error).strip().splitlines()[-1]
        if isinstance(error, ray.exceptions.RayActorError) and "creation task" not in str(error):
            why = f"{RETRIES + 1} workers were killed over the same photos"
        raise ClusterError(f"Ray: {why}") from None


def _summary(out: Parts, made: set[str], total: Counter[str]) -> str:
    before = f", {total['parts']} of them from before" if total["parts"] else ""
    judged = f"{total['photos']} photos, {total['faces']} faces; {total['refused']} photos refused"
    left = f"{total['left out']} files left out, {total['other']} not a picture"
    return f"{printed(out.url)}: {len(made)} part files{before}; now {judged}; {left}"
