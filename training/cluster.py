"""The shards over a Ray cluster, instead of one machine's cores.

Every node must see the photos and the output folder under the same paths (NFS or the like) and
have this project installed. Without a cluster's address Ray starts one on this machine.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from training import shards
from training.datasets import Record


def make(parts: Sequence[Sequence[Record]], folder: Path) -> Iterator[Path]:
    """Every shard, in whatever order they get done. `RAY_ADDRESS` names the cluster."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would report to its makers
    import ray  # half a gigabyte that only a cluster needs: requirements/ray.txt
    import ray.data

    ray.init(os.environ.get("RAY_ADDRESS"), ignore_reinit_error=True, log_to_driver=False)
    shared = ray.put(list(parts))

    def make_one(row: dict) -> dict:
        return {"path": str(shards.make(ray.get(shared)[row["id"]], folder))}

    tasks = ray.data.range(len(parts), override_num_blocks=len(parts)).map(make_one)
    for row in tasks.iter_rows():
        yield Path(row["path"])
