"""Wait for a condition instead of a length of time."""

import time
from collections.abc import Callable

SECONDS = 120  # generous, for busy machines


def until(condition: Callable[[], object], seconds: float = SECONDS) -> None:
    """Wait until `condition` returns something true. Raises TimeoutError after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"still not true after {seconds} s")
        time.sleep(0.02)
