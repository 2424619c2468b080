"""What each further face of a photo costs, beside the network alone.

    python -m bench.further [--repeats 40]

Wanted is little more than the network itself, which cannot be had for less.
"""

from statistics import median
from time import perf_counter

import numpy as np

from bench import machine, photos, report
from bench.report import Table
from bench.stages import ORDER, Ask, asking, service, together
from model.engine import open_engine
from model.estimator import self_test_chip

FACES = (1, 2, 4, 8)


def measure(repeats: int) -> list[Table]:
    """The slope of each stage over the number of faces, one core."""
    with machine.on(machine.SERVICE), service() as app:
        asks = {str(n): asking(app, photos.encode(photos.family(n))) for n in FACES}
        times = together(asks | {"network": network()}, repeats, "further faces")
    alone = median(times["network"]["whole"])
    slopes = {
        stage: float(np.polyfit(FACES, [median(times[str(n)][stage]) for n in FACES], 1)[0])
        for stage in (*ORDER, "whole")
    }
    return [
        Table(
            "A further face",
            f"From the service's time for photos with {', '.join(map(str, FACES))} faces, of which "
            "the largest spares the closer look. *Ratio*: to the network alone with one face.",
            [
                {"stage": stage, "ms a face": round(ms, 2), "ratio": round(ms / alone, 2)}
                for stage, ms in [*slopes.items(), ("the network alone", alone)]
            ],
        )
    ]


def network() -> Ask:
    """Runs the network with a single face."""
    engine, chip = open_engine(), self_test_chip()

    def ask() -> dict[str, float]:
        began = perf_counter()
        engine.run(chip)
        return {"whole": perf_counter() - began}

    return ask


if __name__ == "__main__":
    report.command(__doc__, measure, "--repeats", 40)
