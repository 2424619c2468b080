"""What a fault did, beside what is allowed, and the table of all of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from training.markdown import table

Figures = Mapping[str, tuple[float, float | None]]  # name -> measured, most allowed or None


@dataclass
class Finding:
    """`counts` hold on any machine. `speeds` (seconds, megabytes, shares of the usual rate) depend
    on how fast and how busy it is. `answers`: how many had which status."""

    fault: str
    counts: Figures
    speeds: Figures = field(default_factory=dict)
    answers: str = ""

    def __getitem__(self, name: str) -> float:
        return {**self.counts, **self.speeds}[name][0]

    @property
    def violations(self) -> list[str]:
        """The names of counts over their limits."""
        return over(self.counts)

    @property
    def missed(self) -> list[str]:
        """The names of counts and speeds over their limits."""
        return over(self.counts) + over(self.speeds)


def over(figures: Figures) -> list[str]:
    return [name for name, (value, most) in figures.items() if most is not None and value > most]


def report(findings: Iterable[Finding]) -> str:
    """A Markdown table with a row for each figure."""
    rows = []
    for finding in findings:
        for name, (value, most) in {**finding.counts, **finding.speeds}.items():
            wanted = "" if most is None else f"at most {most:g}"
            measured = f"{value:.3g}{' **missed**' * (name in finding.missed)}"
            rows.append([finding.fault, name, measured, wanted])
        if finding.answers:
            rows.append([finding.fault, "answers", finding.answers, ""])
    return table(["fault", "figure", "measured", "wanted"], rows)
