"""What one event did to the requests."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from deploy.testing.clients import Answer, failures, longest, statuses
from training.markdown import table

HEAD = ["event", "requests", "failed", "allowed", "longest wait, s"]
HEAD += ["good/s before", "during", "after", "answers"]


class Row(NamedTuple):
    """`spans`: the answers of `seconds` each before, during and after the event. `allowed`: how
    many requests may fail in all three and between them."""

    event: str
    answers: Sequence[Answer]
    spans: Sequence[Sequence[Answer]]
    seconds: float
    allowed: int

    @property
    def missed(self) -> bool:
        return failures(self.answers) > self.allowed

    def cells(self) -> list[str]:
        counts = len(self.answers), failures(self.answers), self.allowed
        rates = [(len(span) - failures(span)) / self.seconds for span in self.spans]
        figures = [f"{figure:.1f}" for figure in (longest(self.answers), *rates)]
        return [self.event, *map(str, counts), *figures, statuses(self.answers)]


def report(rows: Iterable[Row]) -> str:
    return table(HEAD, [row.cells() for row in rows])
