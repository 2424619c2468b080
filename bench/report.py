"""Tables: printed, and saved as Markdown and JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown

Row = dict[str, str | int | float]


@dataclass(frozen=True)
class Table:
    """`note` says in a sentence or two what the columns mean; all `rows` have the same ones."""

    title: str
    note: str
    rows: Sequence[Row]

    def markdown(self) -> str:
        columns = list(self.rows[0])
        lines = [columns, ["---"] * len(columns)]
        lines += [[_text(row[column]) for column in columns] for row in self.rows]
        body = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        return f"## {self.title}\n\n{self.note}\n\n{body}\n"


def _text(value: str | int | float) -> str:
    """Three digits that count: 0.0123, 1.23, 12.3, 123, 1234."""
    if not isinstance(value, float):
        return str(value)
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def show(tables: Sequence[Table]) -> None:
    console = Console()
    for table in tables:
        console.print(Markdown(table.markdown()), "")


def save(tables: Sequence[Table], machine: dict[str, str], folder: Path) -> None:
    """Write `report.md` and `report.json` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    words = "; ".join(f"{name}: {value}" for name, value in machine.items())
    parts = ["# Measurements", f"`make bench`. {words}", *(each.markdown() for each in tables)]
    (folder / "report.md").write_text("\n\n".join(part.strip() for part in parts) + "\n")
    facts = {"machine": machine, "tables": [asdict(table) for table in tables]}
    (folder / "report.json").write_text(json.dumps(facts, indent=1) + "\n")
