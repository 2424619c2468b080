"""deploy/by_day.py counts the photos of each day in nginx's real log."""

import gzip
import subprocess
import sys
from pathlib import Path

from deploy.testing.waiting import until

SCRIPT = Path(__file__).parents[2] / "deploy/by_day.py"


def by_day(*logs):
    done = subprocess.run(
        [sys.executable, SCRIPT, *logs], capture_output=True, text=True, check=True
    )
    head, *rows = [line.split() for line in done.stdout.splitlines()]
    assert head == ["day", "photos", "answered", "refused", "failed"]
    return {day: [int(number) for number in numbers] for day, *numbers in rows}


def total(days):
    """Sums of the columns, because a test may run over midnight."""
    return [sum(numbers) for numbers in zip([0] * 4, *days.values(), strict=True)]


def test_photos_are_counted_by_day_and_outcome(stack, portrait_file, tmp_path):
    log = stack.logs / "yanling-access.log"
    before = total(by_day(log))
    stack.upload(portrait_file)
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"not a photo")
    last = stack.upload(broken).headers["x-request-id"]
    stack.curl("/healthz")
    until(lambda: last in log.read_text())
    after = total(by_day(log))
    assert [now - then for now, then in zip(after, before, strict=True)] == [2, 1, 1, 0]


def test_rotated_logs_count_and_incomplete_lines_do_not(tmp_path):
    line = (
        '{{"time":"2026-01-0{day}T23:59:59+08:00","method":"POST",'
        '"path":"/v1/faces","status":"{status}"}}\n'
    )
    with gzip.open(tmp_path / "log.2.gz", "wt") as file:
        file.write(line.format(day=1, status=200) + line.format(day=2, status=503))
    (tmp_path / "log").write_text(line.format(day=2, status=200) + '{"time":"2026-01')
    assert by_day(tmp_path / "log", tmp_path / "log.2.gz") == {
        "2026-01-01": [1, 1, 0, 0],
        "2026-01-02": [2, 1, 0, 1],
    }
