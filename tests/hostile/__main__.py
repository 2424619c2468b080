"""The full attack: 10,000 hostile uploads and more against a stack of its own.

    python -m tests.hostile [--count 10000] [--seed 1]

Exit status 1 when anything was answered wrongly, late or not at all, when a worker died, or when
something was left behind. `make hostile` runs it.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from rich.console import Console
from rich.progress import track
from rich.table import Table

from tests.deploy.conftest import running_stack
from tests.hostile.attack import Outcome, attack, damage, footprint
from tests.hostile.requests import cases


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--count", type=int, default=10_000, help="uploads (default: 10000)")
    options.add_argument("--seed", type=int, default=1, help="the same gives the same (default: 1)")
    chosen = options.parse_args()

    console = Console()
    every = list(cases(chosen.count, chosen.seed))
    Random(chosen.seed).shuffle(every)  # or all the bombs would come at once
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
    return 1 if wrong or harm else 0


def summary(outcomes: list[Outcome]) -> Table:
    table = Table("kind", "uploads", "answers", "wrong", "slowest, s", title="by kind of upload")
    for kind in sorted({outcome.case.kind for outcome in outcomes}):
        of_kind = [outcome for outcome in outcomes if outcome.case.kind == kind]
        answers = Counter(outcome.reply.answer for outcome in of_kind).most_common()
        wrong = sum(bool(outcome.violation) for outcome in of_kind)
        slowest = max(outcome.reply.seconds for outcome in of_kind)
        said = ", ".join(f"{answer} {number}" for answer, number in answers)
        table.add_row(kind, str(len(of_kind)), said, str(wrong), f"{slowest:.1f}")
    return table


if __name__ == "__main__":
    sys.exit(main())
