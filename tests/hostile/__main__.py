"""Attack a stack of its own with 10,000 hostile uploads. `make hostile` runs it.

Exit status 1 when an answer was wrong, late or missing, when a worker died, or when something was
left behind.
"""

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table

from deploy.testing.stack import running_stack
from tests.hostile.attack import Outcome, attack, damage, footprint
from tests.hostile.requests import cases


@click.command(help=__doc__)
@click.option("--count", default=10_000, show_default=True, help="Uploads.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same uploads.")
def main(count: int, seed: int) -> None:
    console = Console()
    every = list(cases(count, seed))
    Random(seed).shuffle(every)  # otherwise all bombs would come at once
    with tempfile.TemporaryDirectory() as folder, running_stack(Path(folder)) as stack:
        before, begin = footprint(stack), time.monotonic()
        answers = track(attack(stack, every), "hostile uploads", len(every), console=console)
        outcomes = list(answers)
        seconds = time.monotonic() - begin
        harm = damage(stack, before)

    console.print(summary(outcomes))
    slowest = max(outcomes, key=lambda outcome: outcome.reply.seconds)
    console.print(
        f"{len(outcomes)} uploads in {seconds:.0f} s; the slowest took "
        f"{slowest.reply.seconds:.1f} s ({slowest.case.kind}: {slowest.case.name})"
    )
    wrong = [outcome for outcome in outcomes if outcome.violation]
    for outcome in wrong:
        console.print(f"[red]{outcome.case.kind}: {outcome.case.name}: {outcome.violation}")
    for line in harm:
        console.print(f"[red]{line}")
    console.print(f"{len(wrong)} wrong answers, {len(harm)} signs of damage")
    sys.exit(bool(wrong or harm))


def summary(outcomes: list[Outcome]) -> Table:
    table = Table("kind", "uploads", "answers", "wrong", "slowest, s", title="by kind of upload")
    for kind in sorted({outcome.case.kind for outcome in outcomes}):
        of_kind = [outcome for outcome in outcomes if outcome.case.kind == kind]
        counts = Counter(outcome.reply.answer for outcome in of_kind).most_common()
        wrong = sum(bool(outcome.violation) for outcome in of_kind)
        slowest = max(outcome.reply.seconds for outcome in of_kind)
        answers = ", ".join(f"{answer} {number}" for answer, number in counts)
        table.add_row(kind, str(len(of_kind)), answers, str(wrong), f"{slowest:.1f}")
    return table


if __name__ == "__main__":
    main(prog_name="python -m tests.hostile")
