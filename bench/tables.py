"""Tables: printed, and saved as Markdown and JSON."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from training import markdown

Row = dict[str, str | int | float]


@dataclass(frozen=True)
class Table:
    """`note` explains the columns in a sentence or two; all `rows` have the same columns."""

    title: str
    note: str
    rows: Sequence[Row]

    def markdown(self) -> str:
        rows = (map(str, row.values()) for row in self.rows)
        body = markdown.table(list(self.rows[0]), [list(row) for row in rows])
        return f"## {self.title}\n\n{self.note}\n\n{body}\n"


def command(
    doc: str | None, measure: Callable[[int], list[Table]], option: str, default: int
) -> None:
    """The command line of a module that measures; `option` says how much."""

    @click.command(help=doc)
    @click.option(option, "number", default=default, show_default=True, metavar="N")
    def run(number: int) -> None:
        show(measure(number))

    run()


def show(tables: Sequence[Table]) -> None:
    click.echo("\n".join(table.markdown() for table in tables))


def save(tables: Sequence[Table], machine: dict[str, str], folder: Path) -> None:
    """Write `report.md` and `report.json` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    words = "\n".join(f"- {name}: {value}" for name, value in machine.items())
    text = f"# Measured by `make bench`\n\n{words}\n"
    (folder / "report.md").write_text("\n".join([text, *(each.markdown() for each in tables)]))
    facts = {"machine": machine, "tables": [asdict(table) for table in tables]}
    (folder / "report.json").write_text(json.dumps(facts, indent=1) + "\n")
