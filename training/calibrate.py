"""How far an age range must reach: split conformal prediction (Lei et al., 2018) with scores
normalised by the network's own spread, one quantile a side and for each predicted age."""

import numpy as np

from model.age_range import age_ranges
from model.probabilities import deviation, expected, is_female

COVERAGE = 0.80  # share of labels that should be in their range
TAIL = 0.095  # share beyond each end; a little less than half the rest, for rare ages
AGES = (2, 6, 10, 15, 20, 30, 40, 50, 60, 70)  # predicted; between them it is interpolated
CONFIDENCES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)  # edges of the bins
NEAR, NEAR_SHARE = 2.0, 0.1  # width of the kernel over ages: years, and share of the age


def calibrate(estimates: np.ndarray, labels: np.ndarray) -> dict:
    """The calibration for `model.age_range.age_ranges`. `estimates`: (n, 101) probabilities;
    `labels`: (n, 2) years; those that are ranges are ignored."""
    known = labels[:, 0] == labels[:, 1]
    age, spread, truth = expected(estimates), deviation(estimates), labels[:, 0]
    # half a year less: labels and ranges are whole years
    below, above = ((side * (age - truth) - 0.5) / spread for side in (1, -1))
    return {
        "coverage": COVERAGE,
        "ages": list(AGES),
        "below": quantiles(age[known], below[known]),
        "above": quantiles(age[known], above[known]),
    }


def quantiles(age: np.ndarray, scores: np.ndarray) -> list[float]:
    """At each of `AGES`, the score that `TAIL` of the neighbours exceed, at least 0."""
    order = np.argsort(scores)
    found = []
    for centre in AGES:
        near = np.exp(-0.5 * np.square((age[order] - centre) / (NEAR + NEAR_SHARE * centre)))
        place = np.searchsorted(np.cumsum(near) / near.sum(), 1 - TAIL)
        found.append(round(max(0.0, float(scores[order][place])), 3))
    return found


def coverage(
    estimates: np.ndarray, labels: np.ndarray, folds: int = 5, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Whether each label lies in its range, (m,) bool, and the range's width, (m,) years, for the m
    labels that name a year; each by the calibration of the other folds (cross-validation)."""
    known = labels[:, 0] == labels[:, 1]
    estimates, labels = estimates[known], labels[known]
    fold = np.random.default_rng(seed).integers(folds, size=len(labels))
    ranges = np.empty((len(labels), 2), int)
    for i in range(folds):
        calibration = calibrate(estimates[fold != i], labels[fold != i])
        ranges[fold == i] = age_ranges(estimates[fold == i], calibration)
    low, high = ranges.T
    return (low <= labels[:, 0]) & (labels[:, 0] <= high), high - low


def gender_confidence(truth: np.ndarray, female: np.ndarray) -> list[tuple[float, float, int]]:
    """For each bin: the mean confidence, the share of right genders, and the number of faces.
    `truth`: (n,) 0 male, 1 female, -1 unknown; `female`: (n,) probabilities."""
    female, truth = female[truth >= 0], truth[truth >= 0]
    confidence, right = np.maximum(female, 1 - female), is_female(female) == (truth > 0.5)
    place = np.digitize(confidence, CONFIDENCES[1:-1])
    return [
        (float(confidence[pick].mean()), float(right[pick].mean()), int(pick.sum()))
        for pick in (place == i for i in range(len(CONFIDENCES) - 1))
        if pick.any()
    ]
