"""The evaluation as a page to read: figures, pictures, the worst faces, and what others reach."""

from collections.abc import Iterator
from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # no screen needed
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from model import quality
from model.age_range import expected
from training.calibrate import COVERAGE, coverage
from training.data import Chips
from training.evaluate import BANDS, COLUMNS, GENDERS, rows

WORST = 20
PAGE = """\
# How good are the weights {version}?

On {n} validation photos, which training never saw. Written by
`python -m training evaluate --report`.

![Error by age, estimate against label, gender, coverage](report.png)

{figures}

A label of FairFace is a range of years: there the share of estimates inside it stands in place of
the error.

## Age ranges

The range that comes with an age is meant to hold the label in {target:.0%} of the cases. By
five-fold cross-validation it does in {held:.1%}, and is {width:.1f} years wide on average.

{bands}

## Photo quality

What the notes that `/v1/faces` gives with a face say about its error, on labels that name a year.

{notes}

## Beside others

| model | measured on | MAE, years | gender |
|---|---|---|---|
| **this one** | our validation part of UTKFace | **{mae}** | **{gender}** |
| FaRL + MLP | UTKFace | 3.87 | – |
| MiVOLO, face only | UTKFace | 4.23 | 97.7% |
| ResNet-50, pre-trained on IMDB-WIKI | UTKFace | 4.36 | – |
| face-api.js | UTKFace | 5.25 | – |
| the original system | IMDB, 16,053 photos | 4.54 | 81.69% |

The published figures come from other splits of UTKFace, some of them without children and the
very old, so a tenth of a year between two rows means little. From ours near duplicates are
removed; the same person may still be on both sides of the split, for the data set does not say
who is who. The original's labels were real ages from IMDb, ours are ages that people guessed from
the photo: its row measures another thing, and is here because users ask.

## The worst faces

To look at in one's own copy of the data: wrong labels are among them.

{worst}
"""


def write(folder: Path, chips: Chips, ages: np.ndarray, female: np.ndarray, measured: dict,
          version: str) -> None:  # fmt: skip
    """`README.md` and `report.png` in `folder`; the arguments as in `training.evaluate`."""
    folder.mkdir(parents=True, exist_ok=True)
    held, width = coverage(ages, chips.ages)
    draw(folder / "report.png", chips, ages, female, held)
    everybody = {source: row for source, who, *row in rows(measured) if who == "all"}
    _, mae, _, _, gender = everybody.get("utkface", ("–",) * 5)
    page = PAGE.format(
        version=version,
        n=len(chips),
        figures=table(COLUMNS, rows(measured)),
        target=COVERAGE,
        held=held.mean(),
        width=width.mean(),
        bands=table(("age", "photos", "covered", "width, years"), covered(chips, held, width)),
        notes=table(("note", "photos", "MAE, years", "gender"), noted(chips, ages, female)),
        mae=mae,
        gender=gender,
        worst=table(("data set", "name", "label", "estimate"), worst(chips, ages)),
    )
    (folder / "README.md").write_text(page)


def table(head: tuple[str, ...], body: Iterator[tuple[str, ...]]) -> str:
    lines = (head, ("---",) * len(head), *body)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def exact(chips: Chips) -> np.ndarray:
    """Which labels name a year, (n,) bool."""
    return chips.ages[:, 0] == chips.ages[:, 1]


def covered(chips: Chips, held: np.ndarray, width: np.ndarray) -> Iterator[tuple[str, ...]]:
    truth = chips.ages[exact(chips), 0]
    for low, high in BANDS:
        pick = (low <= truth) & (truth <= high)
        if pick.any():
            yield (f"{low}-{high}", str(pick.sum()), f"{held[pick].mean():.1%}",
                   f"{width[pick].mean():.1f}")  # fmt: skip


def noted(chips: Chips, ages: np.ndarray, female: np.ndarray) -> Iterator[tuple[str, ...]]:
    known = exact(chips)
    error = np.abs(expected(ages) - chips.ages[:, 0])
    right = (female > 0.5) == (chips.gender[:, 0] > 0.5)
    broken = {note: known & bad for note, bad in quality.judge(**chips.quality).items()}
    none = known & ~np.any(list(broken.values()), axis=0)
    for note, pick in {"none": none, **broken}.items():
        if pick.any():
            yield note, str(pick.sum()), f"{error[pick].mean():.2f}", f"{right[pick].mean():.1%}"


def worst(chips: Chips, ages: np.ndarray) -> Iterator[tuple[str, ...]]:
    age, (low, high) = expected(ages), chips.ages.T
    error = np.maximum(np.maximum(low - age, age - high), 0)
    for i in np.argsort(-error)[:WORST]:
        label = f"{low[i]:.0f}" if low[i] == high[i] else f"{low[i]:.0f}-{high[i]:.0f}"
        yield str(chips.source[i]), str(chips.name[i]), label, f"{age[i]:.0f}"


def draw(path: Path, chips: Chips, ages: np.ndarray, female: np.ndarray, held: np.ndarray) -> None:
    """Four pictures in one."""
    figure, axes = plt.subplots(2, 2, figsize=(11, 8.5), layout="constrained")
    known = exact(chips)
    truth, age, source = chips.ages[known, 0], expected(ages)[known], chips.source[known]
    draw_errors(axes[0, 0], truth, age, source)
    draw_scatter(axes[0, 1], truth, age)
    draw_gender(axes[1, 0], chips.gender[:, 0], female)
    draw_coverage(axes[1, 1], truth, held)
    figure.savefig(path, dpi=100)
    plt.close(figure)


def draw_errors(axes: Axes, truth: np.ndarray, age: np.ndarray, source: np.ndarray) -> None:
    names = [f"{low}–{high}" for low, high in BANDS]
    sources = np.unique(source)
    for i, one in enumerate(sources):
        heights = [
            np.abs(age - truth)[pick].mean() if pick.any() else 0
            for low, high in BANDS
            for pick in [(source == one) & (low <= truth) & (truth <= high)]
        ]
        places = np.arange(len(BANDS)) + (i - (len(sources) - 1) / 2) * 0.8 / len(sources)
        axes.bar(places, heights, 0.8 / len(sources), label=one)
    axes.set(title="Mean absolute error by age", xlabel="label, years", ylabel="years")
    axes.set_xticks(range(len(BANDS)), names)
    axes.legend(frameon=False)


def draw_scatter(axes: Axes, truth: np.ndarray, age: np.ndarray) -> None:
    axes.hexbin(
        truth, age, gridsize=50, bins="log", mincnt=1, cmap="Blues", extent=(0, 100, 0, 100)
    )
    axes.plot([0, 100], [0, 100], color="#c33", linewidth=1)
    axes.set(title="Estimate against label", xlabel="label, years", ylabel="estimate, years")


def draw_gender(axes: Axes, truth: np.ndarray, female: np.ndarray) -> None:
    confusion = np.array(
        [[((truth == t) & ((female > 0.5) == e)).sum() for e in (0, 1)] for t in (0, 1)]
    )
    axes.imshow(confusion, cmap="Blues")
    for (row, column), count in np.ndenumerate(confusion):
        share = count / max(1, confusion[row].sum())
        colour = "white" if share > 0.5 else "black"
        axes.text(column, row, f"{count}\n{share:.1%}", ha="center", va="center", color=colour)
    axes.set(title="Gender", xlabel="estimate", ylabel="label")
    axes.set_xticks((0, 1), GENDERS)
    axes.set_yticks((0, 1), GENDERS)


def draw_coverage(axes: Axes, truth: np.ndarray, held: np.ndarray) -> None:
    shares = [
        100 * held[pick].mean() if pick.any() else 0
        for low, high in BANDS
        for pick in [(low <= truth) & (truth <= high)]
    ]
    axes.bar(range(len(BANDS)), shares, 0.7, color="#7fa7c9")
    axes.axhline(100 * COVERAGE, color="#c33", linewidth=1)
    axes.set(title="Labels inside the age range", xlabel="label, years", ylabel="%", ylim=(0, 100))
    axes.set_xticks(range(len(BANDS)), [f"{low}–{high}" for low, high in BANDS])
