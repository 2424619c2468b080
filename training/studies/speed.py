"""Where the time of training goes, and what makes a step faster.

    python -m training.studies.speed

Steps of `train` on chips of noise: the time does not depend on what they show.
"""

import statistics
import time
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

import click
import keras
import numpy as np

from model import network
from model.chip import CHIP_SIZE
from model.engine import FILES, WEIGHTS
from training import train
from training.augment import augment
from training.markdown import table

STEPS = 6  # of each kind, after the first, which compiles; the median counts
LARGER = 96  # chips in a batch


@click.command()
@click.option(
    "--precision", type=train.FORMATS, default="mixed_bfloat16", help="Of the network's numbers."
)
def main(precision: str) -> None:
    """Chips a second of the parts of training, and of steps of other kinds; ten minutes."""
    step = partial(step_of_training, precision=precision)
    cases: list[tuple[str, Callable[[], float]]] = [
        ("augmentation, on one core", augmentation),
        ("a step, all layers learn", partial(step, frozen="")),
        ("a step of `train`: the stem is frozen", step),
        (f"the same, batches of {LARGER}", partial(step, batch=LARGER)),
        ("the same, batch normalisation frozen", partial(step, frozen_norm=True)),
        ("both", partial(step, batch=LARGER, frozen_norm=True)),
        ("both, chips of 128 px", partial(step, batch=LARGER, side=128, frozen_norm=True)),
        ("the network forwards", partial(forwards, precision=precision)),
    ]
    with click.progressbar(cases, label="measuring", item_show_func=lambda c: c and c[0]) as bar:
        rows = [(name, f"{measure():.1f}") for name, measure in bar]
    print(table(("", "chips a second"), rows))


def augmentation() -> float:
    rng, chips = np.random.default_rng(0), noise(train.BATCH)
    return rate(lambda: [augment(chip, rng, CHIP_SIZE, 1.0) for chip in chips], train.BATCH)


def step_of_training(side: int = CHIP_SIZE, **options: object) -> float:
    """`options`: of `train`, where they differ from its defaults."""
    names = train.__annotations__
    args = SimpleNamespace(**{name.lower(): getattr(train, name) for name in names} | options)
    args.backbone, args.teacher = WEIGHTS / FILES["keras"], None
    model, pixels = train.build(args, STEPS), noise(args.batch, side)
    labels = {
        "age": np.full((args.batch, 2), 30, np.float32),
        "gender": np.zeros((args.batch, 1), np.float32),
    }
    return rate(lambda: model.train_on_batch(pixels, labels), args.batch)


def forwards(precision: str) -> float:
    keras.config.set_dtype_policy(precision)
    model, pixels = network.build(size=None), noise(train.BATCH)
    return rate(lambda: model.predict_on_batch(pixels), train.BATCH)


def noise(chips: int, side: int = CHIP_SIZE) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (chips, side, side, 3), np.uint8)


def rate(run: Callable[[], object], chips: int) -> float:
    """Chips a second of `run`, which does something with so many."""
    run()
    times = []
    for _ in range(STEPS):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return chips / statistics.median(times)


if __name__ == "__main__":
    main(prog_name="python -m training.studies.speed")
