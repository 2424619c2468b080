"""A folder of photos through `python -m app estimate`, with one worker and with one per core."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench import machine
from bench.photos import photos
from bench.tables import Row, Table, command

PHOTO = "1 MP JPEG"
TITLE = "A folder of photos"


def measure(count: int) -> list[Table]:
    """Seconds for the whole command, including its start."""
    with TemporaryDirectory() as name:
        folder = Path(name) / "photos"
        folder.mkdir()
        first = folder / "0.jpg"
        first.write_bytes(photos()[PHOTO])
        for number in range(1, count):
            os.link(first, folder / f"{number}.jpg")
        seconds = {workers: run(folder, workers) for workers in sorted({1, len(machine.CORES)})}
    rows: list[Row] = [
        {
            "workers": workers,
            "seconds": round(took, 1),
            "photos/s": round(count / took, 1),
            "times one worker": round(seconds[1] / took, 2),
        }
        for workers, took in seconds.items()
    ]
    note = (
        f"{PHOTO}, {count} copies, `python -m app estimate` from its start to the finished table."
    )
    return [Table(TITLE, note, rows)]


def run(folder: Path, workers: int) -> float:
    """Raises CalledProcessError when it fails, RuntimeError when it skips a photo."""
    out = folder.with_name(f"{workers}.csv")
    command = [sys.executable, "-m", "app", "estimate", str(folder), "--out", str(out)]
    began = perf_counter()
    subprocess.run([*command, "--workers", str(workers)], check=True, stdout=subprocess.DEVNULL)
    took = perf_counter() - began
    if len(out.read_text().splitlines()) != len(list(folder.iterdir())) + 1:
        raise RuntimeError("not every photo has its row")
    return took


if __name__ == "__main__":
    command(__doc__, measure, "--photos", 2000)
