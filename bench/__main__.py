"""Every measurement of speed and size in one run, on a machine that does nothing else.

    make bench
    python -m bench [--quick] [--only NAME ...] [--out FOLDER]

Prints the tables and saves them as report.md and report.json. Ten minutes; what the service does is
on one core, but for the rows that say otherwise.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from bench import (
    cores,
    folder,
    further,
    levers,
    limit,
    machine,
    memory,
    report,
    requests,
    stages,
    targets,
)
from bench.report import Table

ROOT = Path(__file__).parents[1]

# name -> the tables; True: quickly
SECTIONS: dict[str, Callable[[bool], list[Table]]] = {
    "stages": lambda quick: stages.measure(10 if quick else 100),
    "requests": lambda quick: requests.measure(2 if quick else 8),
    "memory": lambda quick: memory.measure(3 if quick else 10),
    "limit": lambda quick: limit.measure(30 if quick else 300),
    "further": lambda quick: further.measure(5 if quick else 40),
    "cores": lambda quick: cores.measure(1 if quick else 5),
    "folder": lambda quick: folder.measure(100 if quick else 2000),
    "levers": lambda quick: levers.measure(5 if quick else 40),
}


def main() -> None:
    chosen = options().parse_args()
    facts = machine.words()
    tables: list[Table] = []
    for name in chosen.only:
        tables += SECTIONS[name](chosen.quick)
        report.save(targets.compare(tables) + tables, facts, chosen.out)
    report.show(targets.compare(tables) + tables)
    print(f"saved in {chosen.out}", file=sys.stderr)


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="fewer repeats: three minutes")
    parser.add_argument(
        "--only", nargs="+", choices=SECTIONS, default=list(SECTIONS), metavar="NAME",
        help="some of: " + ", ".join(SECTIONS),
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, default=ROOT / "var" / "bench", metavar="FOLDER", help="%(default)s"
    )
    return parser


if __name__ == "__main__":
    main()
