"""The evaluation as a page: figures, plots, the largest errors, and what other models reach."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from model import quality
from model.probabilities import expected, is_female
from training.calibrate import COVERAGE, coverage, gender_confidence
from training.data import Chips
from training.markdown import table
from training.measures import BANDS, COLUMNS, matched_means, off_label, rows
from training.plots import draw

WORST = 20  # rows
NOTES = ("note", "photos", "years off the label", "like faces", "gender", "like faces")
MIVOLO_AGES = 21, 60  # the only ones that its UTKFace weights know
PAGE = """\
# How good are the weights {version}?

On {n} validation photos, held out by the hash of their names. Written by
`python -m training evaluate --report`.

![Error and bias by age, estimate against label, gender, its confidence, coverage](report.png)

{figures}

FairFace's labels are ranges of years: instead of the error, the table has the share of estimates
inside them.

## Age ranges

The range that comes with an age should contain the label in {target:.0%} of the cases. In five-fold
cross-validation it does in {held:.1%}, and is {width:.1f} years wide on average.

{bands}

## Gender confidence

How often the gender is right at each confidence, on all photos with a known gender. On average the
two are {miss:.1%} apart (expected calibration error; Guo et al., ICML 2017).

{confidence}

## Photo quality

The error of faces with each note of `/v1/faces`, beside faces without notes from the same data sets
and decades. Validation has few: `python -m training.studies.quality` measures more.

{notes}

## Other models

| model | measured on | MAE, years | gender |
|---|---|---|---|
| **this one** | our validation part of UTKFace | **{mae}** | **{gender}** |
| **this one** | of that, ages 21–60 | **{adult_mae}** | **{adult_gender}** |
| FaRL + MLP | UTKFace | 3.87 | – |
| MiVOLO, face only | UTKFace, ages 21–60 | 4.23 | 97.7% |
| ResNet-50, pre-trained on IMDB-WIKI | UTKFace | 4.36 | – |
| face-api.js | UTKFace | 5.25 | – |
| the original system | IMDB, 16,053 photos | 4.54 | 81.69% |

The published figures come from other splits of UTKFace, so a tenth of a year between two rows means
little. MiVOLO's weights for it know only ages from 21 to 60, where errors in years are larger than
over all ages and genders easier to tell: compare it with our second row. Our split has no near
duplicates; the same person may still be on both sides, because the data set does not identify
people. The original's labels were real ages from IMDb, ours are ages that people guessed from the
photo: its row measures something else, and is here because users ask.

## The largest errors

Look them up in your copy of the data: some are wrong labels.

{worst}
"""


def write(folder: Path, chips: Chips, ages: np.ndarray, female: np.ndarray, measured: dict,
          version: str) -> None:  # fmt: skip
    """Write `README.md` and `report.png` into `folder`. `ages`, `female`: from
    `training.evaluate.predict`; `measured`: from `training.measures.measure`."""
    folder.mkdir(parents=True, exist_ok=True)
    held, width = coverage(ages, chips.ages)
    draw(folder / "report.png", chips, ages, female, held)
    everybody = {source: row for source, who, *row in rows(measured) if who == "all"}
    _, mae, _, _, gender = everybody.get("utkface", ("–",) * 5)
    adult_mae, adult_gender = on_mivolo_ages(chips, ages, female)
    confidence = gender_confidence(chips.gender[:, 0], female)
    page = PAGE.format(
        version=version,
        n=len(chips),
        figures=table(COLUMNS, rows(measured)),
        target=COVERAGE,
        held=held.mean(),
        width=width.mean(),
        bands=table(("age", "photos", "covered", "width, years"), covered(chips, held, width)),
        notes=table(NOTES, by_note(chips, ages, female)),
        miss=sum(n * abs(p - right) for p, right, n in confidence)
        / max(1, sum(n for *_, n in confidence)),
        confidence=table(
            ("confidence", "right", "photos"),
            ((f"{p:.1%}", f"{right:.1%}", str(n)) for p, right, n in confidence),
        ),
        mae=mae,
        gender=gender,
        adult_mae=adult_mae,
        adult_gender=adult_gender,
        worst=table(("data set", "name", "label", "estimate"), largest_errors(chips, ages)),
    )
    (folder / "README.md").write_text(page)


def on_mivolo_ages(chips: Chips, ages: np.ndarray, female: np.ndarray) -> tuple[str, str]:
    """MAE and gender accuracy on the ages of MiVOLO's figures."""
    first, last = MIVOLO_AGES
    low, high = chips.ages.T
    pick = (chips.source == "utkface") & (first <= low) & (high <= last)
    if not pick.any():
        return "–", "–"
    error = np.abs(expected(ages) - low)[pick].mean()
    return f"{error:.2f}", f"{(is_female(female) == (chips.gender[:, 0] > 0.5))[pick].mean():.1%}"


def covered(chips: Chips, held: np.ndarray, width: np.ndarray) -> Iterator[tuple[str, ...]]:
    truth = chips.ages[chips.exact, 0]
    for low, high in BANDS:
        pick = (low <= truth) & (truth <= high)
        if pick.any():
            yield (f"{low}-{high}", str(pick.sum()), f"{held[pick].mean():.1%}",
                   f"{width[pick].mean():.1f}")  # fmt: skip


def by_note(chips: Chips, ages: np.ndarray, female: np.ndarray) -> Iterator[tuple[str, ...]]:
    off, known = off_label(chips, ages), chips.gender[:, 0] >= 0
    right = is_female(female) == (chips.gender[:, 0] > 0.5)
    notes = quality.judge(**chips.quality)
    good = ~np.any(list(notes.values()), axis=0)
    for note, pick in {"none": good, **notes}.items():
        if pick.any():
            years = matched_means(chips, pick, good, off)
            shares = matched_means(chips, pick & known, good & known, right)
            yield (note, str(pick.sum()), *(f"{value:.2f}" for value in years),
                   *(f"{value:.1%}" for value in shares))  # fmt: skip


def largest_errors(chips: Chips, ages: np.ndarray) -> Iterator[tuple[str, ...]]:
    age, (low, high) = expected(ages), chips.ages.T
    for i in np.argsort(-off_label(chips, ages))[:WORST]:
        label = f"{low[i]:.0f}" if low[i] == high[i] else f"{low[i]:.0f}-{high[i]:.0f}"
        yield str(chips.source[i]), str(chips.name[i]), label, f"{age[i]:.0f}"
