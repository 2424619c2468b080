"""All measurements of speed and memory in one run, on an otherwise idle machine.

Takes ten minutes, or three with --quick. Prints the tables and saves them as report.md and
report.json. Unless a row says otherwise, the service runs on one core.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import click

from bench import ablations, folder, memory, per_face, pipeline, requests, roofline, scaling
from bench.machine import words
from bench.tables import Table, save, show
from bench.targets import compare

REPORT = Path(__file__).parents[1] / "var" / "bench"
# name: function of how much is measured, how much with --quick, how much without
SECTIONS: dict[str, tuple[Callable[[int], list[Table]], int, int]] = {
    "pipeline": (pipeline.measure, 10, 100),
    "requests": (requests.measure, 2, 8),
    "memory": (memory.measure, 3, 10),
    "roofline": (roofline.measure, 30, 300),
    "per_face": (per_face.measure, 5, 40),
    "scaling": (scaling.measure, 1, 5),
    "folder": (folder.measure, 100, 2000),
    "ablations": (ablations.measure, 5, 40),
}


@click.command(help=__doc__)
@click.option("--quick", is_flag=True, help="Fewer repeats.")
@click.option("--only", is_flag=True, help="Run only the NAMEs: " + ", ".join(SECTIONS))
@click.option("--out", type=click.Path(path_type=Path), default=REPORT, show_default=True)
@click.argument("names", nargs=-1, type=click.Choice(list(SECTIONS)), metavar="[NAME]...")
def main(quick: bool, only: bool, out: Path, names: Sequence[str]) -> None:
    if only and not names:
        raise click.UsageError("--only needs names: " + ", ".join(SECTIONS))
    facts = words()
    tables: list[Table] = []
    for name in names or SECTIONS:
        measure, few, many = SECTIONS[name]
        tables += measure(few if quick else many)
        save(compare(tables) + tables, facts, out)
    show(compare(tables) + tables)
    click.echo(f"saved in {out}", err=True)


if __name__ == "__main__":
    main()
