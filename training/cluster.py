"""Make the shards on a Ray cluster instead of one machine's cores.

Every node must see the photos and the output folder under the same paths (NFS or the like) and
have this project installed. Without a cluster's address Ray starts one on this machine.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from training import shards
from training.datasets import Record

# A busy machine needs longer to start Ray than Ray waits by default
WAITS = ("raylet_start_wait_time_s", "gcs_server_port_wait_time_s",
         "gcs_server_request_timeout_seconds", "worker_register_timeout_seconds")  # fmt: skip


def make(parts: Sequence[Sequence[Record]], folder: Path) -> Iterator[int]:
    """Make every shard; yields how many of its photos were reused. `RAY_ADDRESS` names the
    cluster."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # no reports to its makers
    for name in WAITS:
        os.environ.setdefault(f"RAY_{name}", "300")
    import ray  # half a gigabyte that only a cluster needs: requirements/ray.txt
    import ray.data

    start(ray)
    shared = ray.put(list(parts))

    def make_one(row: dict) -> dict:
        return {"reused": shards.make(ray.get(shared)[row["id"]], folder)}

    tasks = ray.data.range(len(parts), override_num_blocks=len(parts)).map(make_one)
    for row in tasks.iter_rows():
        yield int(row["reused"])


def start(ray, attempts: int = 5) -> None:
    """Connect to the cluster, or start one; again where its node was not up within the 30 seconds
    that no setting changes."""
    try:
        ray.init(
            os.environ.get("RAY_ADDRESS"), ignore_reinit_error=True, include_dashboard=False,
            log_to_driver=False,
        )  # fmt: skip
    except Exception as error:  # Ray raises no subclass
        if attempts == 1 or "timed out during startup" not in str(error):
            raise
        ray.shutdown()
        start(ray, attempts - 1)
