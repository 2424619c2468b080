"""What each additional face in a photo costs, compared with the network alone.

The target is little more than the network itself.
"""

from statistics import median
from timeit import timeit

import numpy as np

from bench import machine, photos
from bench.pipeline import ORDER, asking, service, stage_times
from bench.tables import Row, Table, command
from model.engine import open_engine
from model.estimator import self_test_chip

FACES = (1, 2, 4, 8)
TITLE = "Each additional face"


def measure(repeats: int) -> list[Table]:
    """The slope of each stage's time over the number of faces, on one core."""
    with machine.on(machine.SERVICE), service() as app:
        asks = {str(n): asking(app, photos.encode(photos.family(n))) for n in FACES}
        engine, chip = open_engine(), self_test_chip()
        asks["network"] = lambda: {"whole": timeit(lambda: engine.run(chip), number=1)}
        times = stage_times(asks, repeats, "per face")
    alone = median(times["network"]["whole"])
    slopes = {
        stage: float(np.polyfit(FACES, [median(times[str(n)][stage]) for n in FACES], 1)[0])
        for stage in (*ORDER, "whole")
    }
    note = (
        f"From the service's time for photos with {', '.join(map(str, FACES))} faces, one of them "
        "large: alone it needs no search. *Ratio*: to the network alone with one face."
    )
    rows: list[Row] = [
        {"stage": stage, "ms per face": round(ms, 2), "ratio": round(ms / alone, 2)}
        for stage, ms in [*slopes.items(), ("the network alone", alone)]
    ]
    return [Table(TITLE, note, rows)]


if __name__ == "__main__":
    command(__doc__, measure, "--repeats", 40)
