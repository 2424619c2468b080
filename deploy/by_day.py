#!/usr/bin/env python3
"""Count the photos of each day in nginx's log: photos, not people, because the log names nobody.

    python3 deploy/by_day.py /var/log/nginx/yanling-access.log*

Rotated logs are read as they are, also compressed (.gz). Needs no library.
"""

import gzip
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

ROUTES = ("/upload", "/v1/faces")
OUTCOMES = {"2": "answered", "4": "refused", "5": "failed"}
COLUMNS = ("day", "photos", *OUTCOMES.values())


def main(logs: list[Path]) -> None:
    days = count(line for log in logs for line in lines(log))
    print("".join(f"{name:>12}" for name in COLUMNS))
    for day in sorted(days):
        numbers = [days[day].total(), *(days[day][name] for name in OUTCOMES.values())]
        print(f"{day:>12}" + "".join(f"{number:>12}" for number in numbers))


def lines(log: Path) -> Iterator[str]:
    opener = gzip.open if log.suffix == ".gz" else open
    with opener(log, "rt", encoding="utf-8", errors="replace") as file:
        yield from file


def count(lines: Iterable[str]) -> dict[str, Counter[str]]:
    """Outcomes of the photos of each day, by the server's clock. Lines that a full disk cut short
    are skipped."""
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
    match sys.argv[1:]:
        case []:
            sys.exit(__doc__)
        case ["-h" | "--help", *_]:
            print(__doc__)
        case names:
            main([Path(name) for name in names])
