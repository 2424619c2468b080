"""What a fault did: figures beside the most that they may be, and the table of them all."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Finding:
    """`figures`: name -> what was measured and the most that is wanted, or None for no limit.
    `told`: how many requests got which status."""

    fault: str
    figures: dict[str, tuple[float, float | None]] = field(default_factory=dict)
    told: str = ""

    def __getitem__(self, name: str) -> float:
        return self.figures[name][0]

    @property
    def missed(self) -> list[str]:
        """The names of figures over their limits."""
        limits = self.figures.items()
        return [name for name, (value, most) in limits if most is not None and value > most]


def table(findings: Iterable[Finding]) -> str:
    """Markdown, a row a figure."""
    rows = ["| fault | figure | measured | wanted |", "|---|---|---|---|"]
    for finding in findings:
        fault = finding.fault
        for name, (value, most) in finding.figures.items():
            wanted = "" if most is None else f"at most {most:g}"
            missed = " **missed**" if name in finding.missed else ""
            rows.append(f"| {fault} | {name} | {value:.3g}{missed} | {wanted} |")
            fault = ""
        if finding.told:
            rows.append(f"| {fault} | answers | {finding.told} | |")
    return "\n".join(rows)
