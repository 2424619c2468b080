"""A bar on the terminal that shows how far a run has come."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

import click

Step = TypeVar("Step")


def watched(label: str, length: int | None, steps: Iterable[Step]) -> Iterator[Step]:
    """The steps, and a bar that moves with each. `length`: how many there will be, None if nobody
    knows."""
    with click.progressbar(steps, length, label, show_pos=True) as bar:
        yield from bar
