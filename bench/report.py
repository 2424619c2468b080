"""Tables: printed, and saved as Markdown and JSON."""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

Row = dict[str, str | int | float]


@dataclass(frozen=True)
class Table:
    """`note` says in a sentence or two what the columns mean; all `rows` have the same ones."""

    title: str
    note: str
    rows: Sequence[Row]

    def markdown(self) -> str:
        head = list(self.rows[0])
        cells = [head, *([str(row[column]) for column in head] for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        cells.insert(1, ["-" * width for width in widths])
        lines = (
            " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
            for line in cells
        )
        body = "\n".join(f"| {line} |" for line in lines)
        return f"## {self.title}\n\n{self.note}\n\n{body}\n"


def command(doc: str, measure: Callable[[int], list[Table]], option: str, usual: int) -> None:
    """The command line of a module that measures: how much, by `option`."""
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(option, type=int, default=usual, dest="much", metavar="N", help=f"{usual}")
    show(measure(parser.parse_args().much))


def show(tables: Sequence[Table]) -> None:
    print("\n".join(table.markdown() for table in tables))


def save(tables: Sequence[Table], machine: dict[str, str], folder: Path) -> None:
    """Write `report.md` and `report.json` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    words = "\n".join(f"- {name}: {value}" for name, value in machine.items())
    text = f"# Measured by `make bench`\n\n{words}\n"
    (folder / "report.md").write_text("\n".join([text, *(each.markdown() for each in tables)]))
    facts = {"machine": machine, "tables": [asdict(table) for table in tables]}
    (folder / "report.json").write_text(json.dumps(facts, indent=1) + "\n")
