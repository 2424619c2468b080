"""Measures how long each stage of the pipeline takes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter

STAGES = ("decode", "detect", "align", "infer")

Listener = Callable[[str, float], None]  # called with a stage's name and its seconds

_listeners: ContextVar[tuple[Listener, ...]] = ContextVar("listeners", default=())
# seconds by stage, of the current photo
_spent: ContextVar[dict[str, float]] = ContextVar("spent")


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Within the block, call `listener` after each stage that this thread runs."""
    token = _listeners.set((*_listeners.get(), listener))
    try:
        yield
    finally:
        _listeners.reset(token)


@contextmanager
def stage(name: str) -> Iterator[None]:
    """The block is the stage `name`, one of STAGES. It counts even when it raises."""
    if name == STAGES[0]:
        _spent.set({})  # the next photo
    started = perf_counter()
    try:
        yield
    finally:
        seconds = perf_counter() - started
        sums = _spent.get({})
        _spent.set(sums | {name: sums.get(name, 0) + seconds})
        for listener in _listeners.get():
            listener(name, seconds)


def finish() -> dict[str, float]:
    """The milliseconds by stage of the current photo, which ends here."""
    sums = _spent.get({})
    _spent.set({})
    return {name: round(1000 * seconds, 1) for name, seconds in sums.items()}
