"""Connects to a Ray cluster, or starts one on this machine.

Every node must see the photos and the results under the same paths or URLs, and have this project
installed. `RAY_ADDRESS` names a cluster. Without it Ray starts one here, on the cores that may be
used.
"""

import logging
import os
from contextlib import chdir
from pathlib import Path
from traceback import walk_tb
from types import ModuleType

from model.processor import cores

# A busy machine needs longer to start Ray than Ray waits by default: seconds. The node itself waits
# 15 seconds for a part of it, which no setting changes; the sooner that is noticed, the better.
WAITS = {
    "raylet_start_wait_time_s": "60",
    "gcs_server_port_wait_time_s": "300",
    "gcs_server_request_timeout_seconds": "300",
    "worker_register_timeout_seconds": "300",
}
QUIET = {"USAGE_STATS_ENABLED": "0", "BACKEND_LOG_LEVEL": "fatal"}  # no reports to its makers
TOKEN = Path.home() / ".ray" / "auth_token"  # `ray start` makes it, and then asks for it


def connected() -> ModuleType:
    """The module `ray`, connected and with `ray.data`; its own messages go to its log files."""
    for name, value in {**QUIET, **WAITS}.items():
        os.environ.setdefault(f"RAY_{name}", value)
    if "RAY_ADDRESS" in os.environ and TOKEN.exists():
        os.environ.setdefault("RAY_AUTH_MODE", "token")
    import ray  # half a gigabyte that only a cluster needs: requirements/ray.txt
    import ray.data

    if not ray.is_initialized():
        _start(ray)
    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # an error is also raised
    ray.data.DataContext.get_current().enable_progress_bars = False
    return ray


def _start(ray: ModuleType, attempts: int = 10) -> None:
    """Connect to the cluster, or start one; again where its node did not come up in time."""
    address = os.environ.get("RAY_ADDRESS")
    try:
        # workers look for modules first where this process is
        with chdir(Path(__file__).parents[1]):
            ray.init(
                address, num_cpus=None if address else cores(), include_dashboard=False,
                log_to_driver=False, logging_level=logging.ERROR,
            )  # fmt: skip
    except Exception as error:  # Ray raises no subclass
        if attempts == 1 or "timed out during startup" not in str(error):
            raise
        _end_node(error)
        ray.shutdown()
        _start(ray, attempts - 1)


def _end_node(error: Exception) -> None:
    """Ray forgets what it has started of a node that did not come up, and leaves it running."""
    for frame, _ in walk_tb(error.__traceback__):
        if end := getattr(frame.f_locals.get("self"), "kill_all_processes", None):
            end(check_alive=False, wait=True)
