"""Measuring by turns, so that whatever disturbs the machine disturbs all candidates alike."""

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from time import perf_counter
from typing import TypeVar

from rich.console import Console
from rich.progress import track

WARM_UP = 3  # rounds that do not count
T = TypeVar("T")


def progress(steps: Sequence[T], task: str) -> Iterable[T]:
    """The steps, with a progress bar on standard error."""
    return track(steps, task, console=Console(stderr=True))


def turns(
    works: Mapping[str, Callable[[], T]], repeats: int, task: str
) -> Iterator[tuple[str, float, T]]:
    """Call each in turn, `repeats` times: yields its name, milliseconds and result."""
    for number in progress(range(-WARM_UP, repeats), task):
        for name, work in works.items():
            began = perf_counter()
            result = work()
            took = (perf_counter() - began) * 1000
            if number >= 0:
                yield name, took, result


def medians(works: Mapping[str, Callable[[], object]], repeats: int, task: str) -> dict[str, float]:
    """The median milliseconds of each."""
    times: dict[str, list[float]] = defaultdict(list)
    for name, took, _ in turns(works, repeats, task):
        times[name].append(took)
    return {name: statistics.median(values) for name, values in times.items()}
