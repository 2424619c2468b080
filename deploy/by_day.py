#!/usr/bin/env python3
"""How many photos a day? From nginx's log, which knows nobody: photos, not people.

python3 deploy/by_day.py /var/log/nginx/yanling-access.log*
"""

import argparse
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

ROUTES = ("/upload", "/v1/faces")
OUTCOMES = {"2": "answered", "4": "refused", "5": "failed"}
COLUMNS = ("day", "photos", *OUTCOMES.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("logs", nargs="+", type=Path, help="rotated ones too, .gz as they are")
    days = count(line for log in parser.parse_args().logs for line in lines(log))
    print("".join(f"{name:>12}" for name in COLUMNS))
    for day in sorted(days):
        numbers = [days[day].total(), *(days[day][name] for name in OUTCOMES.values())]
        print(f"{day:>12}" + "".join(f"{number:>12}" for number in numbers))


def lines(log: Path) -> Iterator[str]:
    opener = gzip.open if log.suffix == ".gz" else open
    with opener(log, "rt", encoding="utf-8", errors="replace") as file:
        yield from file


def count(lines: Iterable[str]) -> dict[str, Counter[str]]:
    """Outcomes of the photos sent on each day, by the server's clock. A line that a full disk
    cut short counts for nothing."""
    days: dict[str, Counter[str]] = defaultdict(Counter)
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if entry["method"] == "POST" and entry["path"] in ROUTES:
            days[entry["time"][:10]][OUTCOMES.get(entry["status"][0], "failed")] += 1
    return days


if __name__ == "__main__":
    main()
