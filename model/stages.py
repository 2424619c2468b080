"""How long each stage of the pipeline takes, for whoever wants to know."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

NAMES = ("decode", "detect", "align", "infer")

# called with a stage's name and its seconds
listeners: list[Callable[[str, float], None]] = []


@contextmanager
def stage(name: str) -> Iterator[None]:
    """What runs within is the stage `name`, one of NAMES; a stage that fails counts too."""
    started = perf_counter()
    try:
        yield
    finally:
        seconds = perf_counter() - started
        for listener in listeners:
            listener(name, seconds)
