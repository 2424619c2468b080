"""Do the quality notes go with larger errors? `python -m bench.quality --chips CHIPS`

Validation chips are spoilt step by step: scaled down and up again, blurred, darkened. A row says
what model.quality measures then, and what the estimates are worth. Turned faces cannot be made from
others: the report of the weights has them as they come.
"""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter
from rich.console import Console
from rich.table import Table

from model import quality
from model.age_range import expected
from model.engine import open_engine
from training import data

FACES = 500  # of validation, whose label names a year
# The part of a chip's side that the detector's box takes: padding 0.25 on each side of the face
FACE_SHARE = 0.67


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chips", type=Path, default=Path("chips"), help="what prepare wrote")
    chips = data.load(parser.parse_args().chips, "validation")
    known = np.flatnonzero(chips.ages[:, 0] == chips.ages[:, 1])
    picks = known[:: max(1, len(known) // FACES)]
    truth, female, pixels = chips.ages[picks, 0], chips.gender[picks, 0] > 0.5, chips.batch(picks)
    engine = open_engine()
    table = Table("spoilt by", "measured", "noted", "MAE, years", "gender")
    for name, note, spoil in ways():
        spoilt = [np.asarray(spoil(Image.fromarray(chip))) for chip in pixels]
        parts = [engine.run(np.stack(spoilt[i : i + 16])) for i in range(0, len(spoilt), 16)]
        ages, probability = (np.concatenate(column) for column in zip(*parts, strict=True))
        values = measured(note, spoilt, name)
        told = quality.judge(**{**GOOD, FIELDS[note]: values})[note]
        table.add_row(
            name,
            f"{FIELDS[note]} {np.median(values):.1f}",
            f"{note} {np.mean(told):.0%}",
            f"{np.abs(expected(ages) - truth).mean():.2f}",
            f"{((probability > 0.5) == female).mean():.1%}",
        )
    Console().print(table)


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


def measured(note: str, spoilt: list[np.ndarray], name: str) -> np.ndarray:
    if note == "small":
        return np.full(len(spoilt), float(name.split()[2]))
    lumas = [np.asarray(Image.fromarray(chip).convert("L"), np.float32) for chip in spoilt]
    if note == "dark":
        return np.array([luma.mean() for luma in lumas])
    return np.array([quality.sharpness_of(luma) for luma in lumas])


if __name__ == "__main__":
    main()
