"""The evaluation as a page: figures, plots, the largest errors, and what other models reach."""

from pathlib import Path

import numpy as np

from model.probabilities import MOST_CONFIDENT
from training import confidence, report_tables
from training.calibrate import COVERAGE, covered
from training.data import Chips
from training.markdown import table
from training.measures import COLUMNS, rows
from training.plots import draw

NOTES = ("note", "photos", "years off the label", "like faces", "gender", "like faces")
ELSEWHERE = ("data set", "photos", "covered", "fitted on the others only")
GENDER_BY_AGE = ("estimate", "photos", "confidence", "right")
PAGE = """\
# How good are the weights {version}?

On {n} photos of validation's reporting half: training never saw them, and no checkpoint, mix or
calibration was chosen on them. Written by `python -m training evaluate --report`.

![Error and bias by age, estimate against label, gender, its confidence, coverage](report.png)

{figures}

Bias is the estimate less the label. FairFace's labels are ranges of years: instead of the error,
the table has the share of estimates inside them. "Covered" is the share of labels inside the age
range that comes with the estimate.

## Bias by decade

In years, by the label, with the number of photos. Every network that is unsure pulls towards the
middle; the question is how much.

{biases}

## Age ranges

The range that comes with an age should contain the label in {target:.0%} of the cases. Here it does
in {held:.1%}, and is {width:.1f} years wide on average.

{bands}

That is on photos like those that the ranges were fitted on. {strangers}

{elsewhere}

## Gender confidence

How often the gender is right at each confidence, on all photos with a known gender. On average the
two are {miss:.1%} apart (expected calibration error, 15 bins; Guo et al., ICML 2017). It is never
above {most:.0%}.

{confidence}

By the estimated age, which is what a caller knows:

{by_age}

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
          left_out: dict, facts: dict) -> None:  # fmt: skip
    """Write `README.md` and `report.png` into `folder`. `ages`, `female`: from
    `training.evaluate.predict`; `measured`: from `training.measures.measure`; `left_out`: from
    `training.calibrate`; `facts`: the weights' `model.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    held, width = covered(ages, chips.ages, facts["age_range"])
    draw(folder / "report.png", chips, ages, female, held)
    everybody = {source: row for source, who, *row in rows(measured) if who == "all"}
    _, mae, *_, gender = everybody.get("utkface", ("–",) * 3)
    adult_mae, adult_gender = report_tables.on_mivolo_ages(chips, ages, female)
    truth = chips.gender[:, 0]
    page = PAGE.format(
        version=facts["version"],
        n=len(chips),
        figures=table(COLUMNS, rows(measured)),
        target=COVERAGE,
        held=held.mean(),
        width=width.mean(),
        biases=table(("age", *report_tables.sources(measured)), report_tables.biases(measured)),
        bands=table(
            ("age", "photos", "covered", "width, years"), report_tables.by_band(chips, held, width)
        ),
        strangers=report_tables.strangers(left_out),
        elsewhere=table(ELSEWHERE, report_tables.elsewhere(measured, left_out)),
        most=MOST_CONFIDENT,
        notes=table(NOTES, report_tables.by_note(chips, ages, female)),
        miss=confidence.calibration_error(truth, female),
        confidence=table(
            ("confidence", "right", "photos"),
            (
                (f"{p:.1%}", f"{right:.1%}", str(n))
                for p, right, n in confidence.rows(truth, female)
            ),
        ),
        by_age=table(GENDER_BY_AGE, report_tables.gender_by_age(chips, ages, female)),
        mae=mae,
        gender=gender,
        adult_mae=adult_mae,
        adult_gender=adult_gender,
        worst=table(
            ("data set", "name", "label", "estimate"), report_tables.largest_errors(chips, ages)
        ),
    )
    (folder / "README.md").write_text(page)
