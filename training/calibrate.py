"""How far an age range must reach: split conformal prediction (Lei et al., 2018) with scores
normalised by the network's own spread, one quantile a side and for each predicted age."""

import numpy as np

from model.age_range import age_ranges
from model.probabilities import deviation, expected
from training.data import Chips

COVERAGE = 0.80  # share of labels that should be in their range
TAIL = 0.095  # share beyond each end; a little less than half the rest, for rare ages
AGES = (2, 6, 10, 15, 20, 30, 40, 50, 60, 70, 80)  # predicted; between them it is interpolated
NEAR, NEAR_SHARE = 2.0, 0.1  # width of the kernel over ages: years, and share of the age
BORROWED = 5.0  # as many faces of all ages count at each age: where it has none, they decide
LEAST = 0.2  # standard deviations; no range is without width


def calibrate(estimates: np.ndarray, labels: np.ndarray) -> dict:
    """The calibration for `model.age_range.age_ranges`. `estimates`: (n, 101) probabilities;
    `labels`: (n, 2) years; those that are ranges are ignored. Raises ValueError if all are."""
    known = labels[:, 0] == labels[:, 1]
    if not known.any():
        raise ValueError("no label names a year: age ranges cannot be fitted")
    age, spread, truth = expected(estimates), deviation(estimates), labels[:, 0]
    # half a year less: labels and ranges are whole years
    below, above = ((side * (age - truth) - 0.5) / spread.clip(1e-3) for side in (1, -1))
    return {
        "coverage": COVERAGE,
        "ages": list(AGES),
        "below": quantiles(age[known], below[known]),
        "above": quantiles(age[known], above[known]),
    }


def quantiles(age: np.ndarray, scores: np.ndarray) -> list[float]:
    """At each of `AGES`, the score that `TAIL` of the neighbours exceed, at least `LEAST`."""
    order = np.argsort(scores)
    found = []
    for centre in AGES:
        near = np.exp(-0.5 * np.square((age[order] - centre) / (NEAR + NEAR_SHARE * centre)))
        near += BORROWED / len(near)
        reached = np.cumsum(near) / near.sum()
        place = min(int(np.searchsorted(reached, 1 - TAIL)), len(near) - 1)
        found.append(round(max(LEAST, float(scores[order][place])), 3))
    return found


def covered(
    estimates: np.ndarray, labels: np.ndarray, calibration: dict
) -> tuple[np.ndarray, np.ndarray]:
    """Whether each label lies in its range, (m,) bool, and the range's width, (m,) years, for the m
    labels that name a year."""
    known = labels[:, 0] == labels[:, 1]
    low, high = age_ranges(estimates[known], calibration).T
    return (low <= labels[known, 0]) & (labels[known, 0] <= high), high - low


def left_out(chips: Chips, estimates: np.ndarray) -> dict[str, dict]:
    """`{data set: {n, covered}}` of validation's reporting half when the ranges are fitted on the
    choosing half of the other data sets only: what to expect on a stranger's photos, but for that
    the network was trained on this data set too. `chips`: all of validation."""
    chooses, found = chips.chooses, {}
    for source in np.unique(chips.source[chips.exact]):
        own = chips.source == source
        fit, test = ~own & chooses & chips.exact, own & ~chooses & chips.exact
        if fit.any() and test.any():
            calibration = calibrate(estimates[fit], chips.ages[fit])
            held, _ = covered(estimates[test], chips.ages[test], calibration)
            found[str(source)] = {"n": len(held), "covered": round(float(held.mean()), 4)}
    return found
