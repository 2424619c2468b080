"""Do faces with quality notes have larger errors?

    python -m training.studies.quality --chips CHIPS

The first table degrades validation chips step by step. Turned faces cannot be made from others: the
second has those among the training chips, beside frontal ones of the same ages.
"""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import click
import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from model import quality
from model.chip import CHIP_PADDING
from model.engine import Engine, open_engine
from model.faces import Detection
from model.probabilities import expected, is_female
from training import data, options
from training.evaluate import predict
from training.markdown import table
from training.measures import matched_means, off_label

DEGRADED = ("degraded", "measured", "noted", "MAE, years", "gender")
TURNED = ("turn", "faces", "years off the label", "frontal ones", "gender", "frontal ones")
FACES = 500  # of validation, whose label names a year
TURNS = (0.0, 0.1, 0.2, 0.3, 0.4, 1.0)
TURNED_FACES = 1000  # in each band of turn, about
FRONTAL = np.array([(0, 0), (1, 0), (3, 0), (4, 0), (2, 1)], np.float32)  # landmarks


@click.command()
@options.chips
def main(chips: Path) -> None:
    """Error of degraded and of turned faces."""
    engine = open_engine()
    print(table(DEGRADED, degraded(engine, data.load(chips, "validation"))), end="\n\n")
    print(table(TURNED, turned(engine, data.load(chips, "train"))))


def degraded(engine: Engine, chips: data.Chips) -> Iterator[tuple[str, ...]]:
    known = np.flatnonzero(chips.exact)
    picks = known[:: max(1, len(known) // FACES)]
    truth, female, pixels = chips.ages[picks, 0], chips.gender[picks, 0] > 0.5, chips.batch(picks)
    for name, note, field, levels, change in DEGRADATIONS:
        for level in levels:
            worse = np.stack([np.asarray(change(Image.fromarray(c), level)) for c in pixels])
            ages, probability = predict(engine, worse)
            size = level if note == "small" else 1000.0
            found = [quality.measure(whole_face(size, chip)) for chip in worse]
            yield (
                name.format(level),
                f"{field} {np.median([getattr(one, field) for one in found]):.1f}",
                f"{note} {np.mean([note in one.notes() for one in found]):.0%}",
                f"{np.abs(expected(ages) - truth).mean():.2f}",
                f"{(is_female(probability) == female).mean():.1%}",
            )


def turned(engine: Engine, chips: data.Chips) -> Iterator[tuple[str, ...]]:
    """The network was trained on all of these, turned and frontal."""
    chips = sample(chips)
    turn, (ages, female) = chips.quality["turn"], predict(engine, chips)
    off, right = off_label(chips, ages), is_female(female) == (chips.gender[:, 0] > 0.5)
    for low, high in pairwise(TURNS):
        pick, frontal = (low <= turn) & (turn < high), turn < TURNS[1]
        if pick.any():
            years = matched_means(chips, pick, frontal, off)
            shares = matched_means(chips, pick, frontal, right)
            yield (f"{low} to {high}", str(pick.sum()), *(f"{value:.2f}" for value in years),
                   *(f"{value:.1%}" for value in shares))  # fmt: skip


def whole_face(size: float, chip: np.ndarray) -> Detection:
    """A frontal face of which nothing is known but its size in pixels and its chip."""
    return Detection((0, 0, size, size), FRONTAL, chip, score=1.0, roll=0.0, beyond=0.0)


def sample(chips: data.Chips) -> data.Chips:
    """About `TURNED_FACES` of known gender in each band of turn."""
    band, known = np.digitize(chips.quality["turn"], TURNS[1:-1]), chips.gender[:, 0] >= 0
    bands = [np.flatnonzero((band == i) & known) for i in range(len(TURNS) - 1)]
    return chips.subset(np.concatenate([b[:: max(1, len(b) // TURNED_FACES)] for b in bands]))


def downscale(chip: Image.Image, side: float) -> Image.Image:
    """The chip of a face whose box was `side` pixels wide in the photo."""
    pixels = min(chip.width, round(side * (1 + 2 * CHIP_PADDING)))
    small = chip.resize((pixels, pixels), Image.Resampling.BOX)
    return small.resize(chip.size, Image.Resampling.BILINEAR)


def blur(chip: Image.Image, radius: float) -> Image.Image:
    return chip.filter(ImageFilter.GaussianBlur(radius))


def darken(chip: Image.Image, light: float) -> Image.Image:
    return ImageEnhance.Brightness(chip).enhance(light)


# name of a level, note that should follow, field of Quality that gets worse, levels, the change
DEGRADATIONS = (
    ("face of {} px", "small", "size", (160, 100, 80, 60, 50, 40, 30, 20), downscale),
    ("blur of {} px", "blurred", "sharpness", (0, 0.5, 1, 1.5, 2, 3, 4), blur),
    ("light of {:.0%}", "dark", "brightness", (1, 0.7, 0.5, 0.4, 0.3, 0.2, 0.1), darken),
)


if __name__ == "__main__":
    main(prog_name="python -m training.studies.quality")
