"""Make the shards on a Ray cluster instead of one machine's cores: see model/cluster.py."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from model.cluster import connected
from training import shards
from training.datasets import Record


def make(parts: Sequence[Sequence[Record]], folder: Path) -> Iterator[int]:
    """Make every shard; yields how many of its photos were reused."""
    ray = connected()
    shared = ray.put(list(parts))

    def make_one(row: dict) -> dict:
        return {"reused": shards.make(ray.get(shared)[row["id"]], folder)}

    tasks = ray.data.range(len(parts), override_num_blocks=len(parts)).map(make_one)
    for row in tasks.iter_rows():
        yield int(row["reused"])
