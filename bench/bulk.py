"""Archives of photos through `python -m app estimate --ray`, with one worker and with one per core.

The rate is that of the photos that a long run has and a short one has not, so that Ray's start does
not count. Needs requirements/ray.txt.
"""

import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench import machine
from bench.photos import photos
from bench.tables import Row, Table, command

PHOTO = "1 MP JPEG"
TITLE = "Archives on Ray"
PACKED = 25  # photos in an archive


def measure(count: int) -> list[Table]:
    """Photos per second of so many photos beyond those of a short run."""
    short = PACKED * 2 * len(machine.CORES)
    with TemporaryDirectory() as name:
        archives = pack(Path(name), short + count)
        rates = {
            workers: count / (run(archives, workers) - run(archives[: short // PACKED], workers))
            for workers in sorted({1, len(machine.CORES)})
        }
    rows: list[Row] = [
        {
            "workers": workers,
            "photos/s": round(rate, 1),
            "times one worker": round(rate / rates[1], 2),
        }
        for workers, rate in rates.items()
    ]
    note = f"{PHOTO}, {count} copies in zips of {PACKED}, `python -m app estimate --ray`."
    return [Table(TITLE, note, rows)]


def pack(folder: Path, count: int) -> list[Path]:
    data, archives = photos()[PHOTO], []
    for number in range(count // PACKED):
        archives.append(folder / f"{number:04}.zip")
        with zipfile.ZipFile(archives[-1], "w") as archive:
            for place in range(PACKED):
                archive.writestr(f"{place}.jpg", data)
    return archives


def run(archives: list[Path], workers: int) -> float:
    """Seconds. Raises CalledProcessError when it fails."""
    out = archives[0].with_name(f"out-{workers}-{len(archives)}")
    command = [sys.executable, "-m", "app", "estimate", "--ray", *map(str, archives)]
    began = perf_counter()
    subprocess.run(
        [*command, "--out", str(out), "--workers", str(workers)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return perf_counter() - began


if __name__ == "__main__":
    command(__doc__, measure, "--photos", 1000)
