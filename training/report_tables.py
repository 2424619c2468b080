"""The rows of the report's tables."""

from collections.abc import Iterator

import numpy as np

from model import probabilities, quality
from model.probabilities import expected
from training.data import Chips
from training.measures import BANDS, matched_means, off_label, right

WORST = 20  # rows
GENDER_BANDS = ((0, 3), (3, 6), (6, 9), (9, 13), (13, 18), (18, 40), (40, 60), (60, 101))  # years
MIVOLO_AGES = 21, 60  # the only ones that its UTKFace weights know


def on_mivolo_ages(chips: Chips, ages: np.ndarray, female: np.ndarray) -> tuple[str, str]:
    """MAE and gender accuracy on the ages of MiVOLO's figures."""
    first, last = MIVOLO_AGES
    low, high = chips.ages.T
    pick = (chips.source == "utkface") & (first <= low) & (high <= last)
    if not pick.any():
        return "–", "–"
    error = np.abs(expected(ages) - low)[pick].mean()
    return f"{error:.2f}", f"{right(chips, female)[pick].mean():.1%}"


def sources(measured: dict) -> list[str]:
    """The data sets whose labels name years."""
    return [source for source, groups in measured.items() if "bias" in groups["all"]]


def biases(measured: dict) -> Iterator[tuple[str, ...]]:
    for low, high in BANDS:
        cells = [measured[source].get(f"{low}-{high}", {}) for source in sources(measured)]
        if any(cells):
            yield (
                f"{low}-{high}",
                *(f"{row['bias']:+.1f} ({row['n']})" if row else "–" for row in cells),
            )


def elsewhere(measured: dict, left_out: dict) -> Iterator[tuple[str, ...]]:
    """By data set: the coverage, and that of ranges fitted on the other data sets."""
    for source, row in left_out.items():
        shipped = measured[source]["all"]["covered"]
        yield source, str(row["n"]), f"{shipped:.1%}", f"{row['covered']:.1%}"


def strangers(left_out: dict) -> str:
    """The coverage to expect on photos of another kind, in words. `left_out`: from
    `training.calibrate.left_out`."""
    if not left_out:
        return "How much they hold of a stranger's photos cannot be told from one data set."
    shares = ", ".join(f"{row['covered']:.1%} of {source}" for source, row in left_out.items())
    lowest = min(row["covered"] for row in left_out.values())
    return (
        f"Fitted on the other data sets only, they hold {shares}. Expect {lowest:.0%} on a "
        "stranger's photos, or a little less: the network has learned from all of these data sets."
    )


def gender_by_age(chips: Chips, ages: np.ndarray, female: np.ndarray) -> Iterator[tuple[str, ...]]:
    age, truth = expected(ages), chips.gender[:, 0]
    for low, high in GENDER_BANDS:
        if (pick := (low <= age) & (age < high) & (truth >= 0)).any():
            sure = probabilities.confidence(female[pick]).mean()
            share = right(chips, female)[pick].mean()
            yield f"{low}-{high}", str(pick.sum()), f"{sure:.1%}", f"{share:.1%}"


def by_band(chips: Chips, held: np.ndarray, width: np.ndarray) -> Iterator[tuple[str, ...]]:
    truth = chips.ages[chips.exact, 0]
    for low, high in BANDS:
        pick = (low <= truth) & (truth <= high)
        if pick.any():
            yield (f"{low}-{high}", str(pick.sum()), f"{held[pick].mean():.1%}",
                   f"{width[pick].mean():.1f}")  # fmt: skip


def by_note(chips: Chips, ages: np.ndarray, female: np.ndarray) -> Iterator[tuple[str, ...]]:
    off, known = off_label(chips, ages), chips.gender[:, 0] >= 0
    correct = right(chips, female)
    notes = quality.judge(**chips.quality)
    good = ~np.any(list(notes.values()), axis=0)
    for note, pick in {"none": good, **notes}.items():
        if pick.any():
            years = matched_means(chips, pick, good, off)
            shares = matched_means(chips, pick & known, good & known, correct)
            yield (note, str(pick.sum()), *(f"{value:.2f}" for value in years),
                   *(f"{value:.1%}" for value in shares))  # fmt: skip


def largest_errors(chips: Chips, ages: np.ndarray) -> Iterator[tuple[str, ...]]:
    age, (low, high) = expected(ages), chips.ages.T
    for i in np.argsort(-off_label(chips, ages))[:WORST]:
        label = f"{low[i]:.0f}" if low[i] == high[i] else f"{low[i]:.0f}-{high[i]:.0f}"
        yield str(chips.source[i]), str(chips.name[i]), label, f"{age[i]:.0f}"
