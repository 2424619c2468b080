"""Where training's time goes, and what makes a step faster.

    python -m training.studies.speed

Steps on chips of noise: the time does not depend on what they show.
"""

import statistics
import time
from collections.abc import Callable

import click
import keras
import numpy as np
from keras import layers

from model import network
from model.chip import CHIP_SIZE
from model.probabilities import YEARS
from training.augment import augment
from training.losses import UNTAUGHT
from training.markdown import table

BATCH = 32
LARGER = 96
FORMATS = ("mixed_bfloat16", "float32")


@click.command()
@click.option("--steps", default=6, show_default=True, help="Of each kind; the median counts.")
@click.option("--precision", type=click.Choice(FORMATS), default=FORMATS[0], show_default=True)
def main(steps: int, precision: str) -> None:
    """Chips a second, of a training step's parts and of other kinds of step."""
    keras.config.set_dtype_policy(precision)
    rows = [
        ("augmentation, one core", chips_per_second(lambda: augmented(BATCH), BATCH, steps)),
        ("forward", forward(steps)),
        ("a step of all layers", training_step(steps)),
        ("the stem frozen (as `train` does)", training_step(steps, stem=True)),
        (f"the same, batches of {LARGER}", training_step(steps, LARGER, stem=True)),
        ("the same, normalisation frozen", training_step(steps, stem=True, norm=True)),
        (f"both: batches of {LARGER}", training_step(steps, LARGER, stem=True, norm=True)),
        ("both, chips of 128 px", training_step(steps, LARGER, 128, stem=True, norm=True)),
    ]
    print(table(("", "chips a second"), [(name, f"{rate:.1f}") for name, rate in rows]))


def chips_per_second(run: Callable[[], object], chips: int, steps: int) -> float:
    run()  # the first compiles
    times = []
    for _ in range(steps):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return chips / statistics.median(times)


def noise(chips: int, side: int = CHIP_SIZE) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (chips, side, side, 3), np.uint8)


def augmented(chips: int) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [augment(chip, rng, CHIP_SIZE, 1.0) for chip in noise(chips)]


def forward(steps: int) -> float:
    model, pixels = network.build(size=None), noise(BATCH)
    return chips_per_second(lambda: model.predict_on_batch(pixels), BATCH, steps)


def training_step(
    steps: int, chips: int = BATCH, side: int = CHIP_SIZE, stem: bool = False, norm: bool = False
) -> float:
    """`stem`, `norm`: what is frozen, as by --frozen Conv2d_ and by --frozen-norm."""
    model, pixels = network.build(size=None), noise(chips, side)
    for layer in model.layers:
        if stem and layer.name.startswith("Conv2d_"):
            layer.trainable = False
        if norm and isinstance(layer, layers.BatchNormalization):
            layer.trainable = False
    model.compile(keras.optimizers.AdamW(1e-4), loss=UNTAUGHT)
    labels = {
        "age": np.full((chips, 2), YEARS[30], np.float32),
        "gender": np.zeros((chips, 1), np.float32),
    }
    return chips_per_second(lambda: model.train_on_batch(pixels, labels), chips, steps)


if __name__ == "__main__":
    main(prog_name="python -m training.studies.speed")
