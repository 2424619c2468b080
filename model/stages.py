"""How long each stage of the pipeline takes, for whoever wants to know."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter

NAMES = ("decode", "detect", "align", "infer")

# called with a stage's name and its seconds
listeners: list[Callable[[str, float], None]] = []

# seconds by stage of the photo at hand
spent: ContextVar[dict[str, float]] = ContextVar("spent")


@contextmanager
def stage(name: str) -> Iterator[None]:
    """What runs within is the stage `name`, one of NAMES; a stage that fails counts too."""
    if name == NAMES[0]:
        spent.set({})  # the next photo
    started = perf_counter()
    try:
        yield
    finally:
        seconds = perf_counter() - started
        sums = spent.get({})
        spent.set(sums | {name: sums.get(name, 0) + seconds})
        for listener in listeners:
            listener(name, seconds)


def finish() -> dict[str, float]:
    """The milliseconds of each stage of the photo at hand, which is done with."""
    sums = spent.get({})
    spent.set({})
    return {name: round(1000 * seconds, 1) for name, seconds in sums.items()}
