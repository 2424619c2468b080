"""Do the quality notes go with larger errors? `python -m bench.quality --chips CHIPS`

Validation chips are spoilt step by step: scaled down and up again, blurred, darkened. A row says
what model.quality measures then, and what the estimates are worth. Turned faces cannot be made from
others: a second table has those of the training chips, as they come, beside frontal ones of the
same ages.
"""

import argparse
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter
from rich.console import Console
from rich.table import Table

from model import quality
from model.age_range import expected
from model.chip import CHIP_PADDING
from model.engine import Engine, open_engine
from training import data
from training.evaluate import beside, off_label

FACES = 500  # of validation, whose label names a year
TURNS = (0.0, 0.1, 0.2, 0.3, 0.4, 1.0)
TURNED_FACES = 1000  # in each band of turn, about
# The part of a chip's side that the detector's box takes, with the padding on each side of the face
FACE_SHARE = 1 / (1 + 2 * CHIP_PADDING)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chips", type=Path, default=Path("chips"), help="what prepare wrote")
    folder = parser.parse_args().chips
    engine = open_engine()
    Console().print(spoilt(engine, data.load(folder, "validation")))
    Console().print(turned(engine, data.load(folder, "train")))


def spoilt(engine: Engine, chips: data.Chips) -> Table:
    known = np.flatnonzero(chips.exact)
    picks = known[:: max(1, len(known) // FACES)]
    truth, female, pixels = chips.ages[picks, 0], chips.gender[picks, 0] > 0.5, chips.batch(picks)
    table = Table("spoilt by", "measured", "noted", "MAE, years", "gender")
    for name, note, spoil in ways():
        worse = np.stack([np.asarray(spoil(Image.fromarray(chip))) for chip in pixels])
        ages, probability = judged(engine, worse)
        values = measured(note, worse, name)
        told = quality.judge(**{**GOOD, FIELDS[note]: values})[note]
        table.add_row(
            name,
            f"{FIELDS[note]} {np.median(values):.1f}",
            f"{note} {np.mean(told):.0%}",
            f"{np.abs(expected(ages) - truth).mean():.2f}",
            f"{((probability > 0.5) == female).mean():.1%}",
        )
    return table


def turned(engine: Engine, chips: data.Chips) -> Table:
    """All of these were trained on, turned ones as well as frontal ones."""
    table = Table("turn", "faces", "years off the label", "frontal ones", "gender", "frontal ones")
    chips = few_of_each(chips)
    turn = chips.quality["turn"]
    ages, female = judged(engine, chips.batch(np.arange(len(chips))))
    off = off_label(chips, ages)
    right = (female > 0.5) == (chips.gender[:, 0] > 0.5)
    for low, high in pairwise(TURNS):
        pick = (low <= turn) & (turn < high)
        if not pick.any():
            continue
        years, shares = (beside(chips, pick, turn < TURNS[1], of) for of in (off, right))
        table.add_row(
            f"{low} to {high}",
            str(pick.sum()),
            *(f"{value:.2f}" for value in years),
            *(f"{value:.1%}" for value in shares),
        )
    return table


def few_of_each(chips: data.Chips) -> data.Chips:
    """About `TURNED_FACES` of known gender in each band of turn."""
    band = np.digitize(chips.quality["turn"], TURNS[1:-1])
    known = [np.flatnonzero((band == i) & (chips.gender[:, 0] >= 0)) for i in range(len(TURNS) - 1)]
    return chips.subset(
        np.concatenate([picks[:: max(1, len(picks) // TURNED_FACES)] for picks in known])
    )


def judged(engine: Engine, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What `Engine.run` returns."""
    parts = [engine.run(pixels[i : i + 16]) for i in range(0, len(pixels), 16)]
    ages, female = (np.concatenate(column) for column in zip(*parts, strict=True))
    return ages, female


FIELDS = {"small": "size", "blurred": "sharpness", "dark": "brightness"}
GOOD = {"size": 1000.0, "turn": 0.0, "sharpness": 1000.0, "brightness": 128.0}


def ways() -> Iterator[tuple[str, str, Callable[[Image.Image], Image.Image]]]:
    """Name, the note that should follow, and what to do to a chip."""
    for side in (160, 100, 80, 60, 50, 40, 30, 20):
        yield f"face of {side} px", "small", lambda chip, side=side: smaller(chip, side)
    for radius in (0, 0.5, 1, 1.5, 2, 3, 4):
        yield (
            f"blur of {radius} px",
            "blurred",
            lambda chip, r=radius: chip.filter(ImageFilter.GaussianBlur(r)),
        )
    for light in (1, 0.7, 0.5, 0.4, 0.3, 0.2, 0.1):
        yield (
            f"light of {light:.0%}",
            "dark",
            lambda chip, light=light: ImageEnhance.Brightness(chip).enhance(light),
        )


def smaller(chip: Image.Image, side: int) -> Image.Image:
    """The chip of a face whose box was `side` pixels wide in the photo."""
    pixels = round(side / FACE_SHARE)
    if pixels >= chip.width:
        return chip
    return chip.resize((pixels, pixels), Image.Resampling.BOX).resize(
        chip.size, Image.Resampling.BILINEAR
    )


def measured(note: str, spoilt: np.ndarray, name: str) -> np.ndarray:
    if note == "small":
        return np.full(len(spoilt), float(name.split()[2]))
    lumas = [np.asarray(Image.fromarray(chip).convert("L"), np.float32) for chip in spoilt]
    if note == "dark":
        return np.array([luma.mean() for luma in lumas])
    return np.array([quality.sharpness_of(luma) for luma in lumas])


if __name__ == "__main__":
    main()
