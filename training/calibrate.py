"""How far an age range must reach: split conformal prediction (Lei et al., 2018) with scores
normalised by the network's own spread, one quantile a side and for each predicted age."""

import numpy as np

from model.age_range import age_ranges, deviation, expected

COVERAGE = 0.80  # what the ranges are meant to hold
TAIL = 0.095  # of the labels on each side; a little less than half the rest, for rare ages
AGES = (2, 6, 10, 15, 20, 30, 40, 50, 60, 70)  # predicted; between them it is interpolated
SURENESS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)  # where bins of confidence end
NEAR, NEAR_SHARE = 2.0, 0.1  # years and share of the age by which neighbours count


def calibrate(estimates: np.ndarray, labels: np.ndarray) -> dict:
    """What `model.age_range.age_ranges` takes. `estimates`: (n, 101) probabilities; `labels`:
    (n, 2) years, of which ranges are left out."""
    known = labels[:, 0] == labels[:, 1]
    age, spread, truth = expected(estimates), deviation(estimates), labels[:, 0]
    # half a year less, because both the label and the range are whole years
    below, above = ((side * (age - truth) - 0.5) / spread for side in (1, -1))
    return {
        "coverage": COVERAGE,
        "ages": list(AGES),
        "below": quantiles(age[known], below[known]),
        "above": quantiles(age[known], above[known]),
    }


def quantiles(age: np.ndarray, scores: np.ndarray) -> list[float]:
    """At each of `AGES`, the score that only `TAIL` of the neighbours exceed; never below 0."""
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
    labels that name a year; each judged by the calibration of the other folds."""
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
    """Of each bin of confidence: what was said on average, how often that was right, and for how
    many faces. `truth`: (n,) 0 male, 1 female, -1 unknown; `female`: (n,) probabilities."""
    female, truth = female[truth >= 0], truth[truth >= 0]
    confidence, right = np.maximum(female, 1 - female), (female > 0.5) == (truth > 0.5)
    place = np.digitize(confidence, SURENESS[1:-1])
    return [
        (float(confidence[pick].mean()), float(right[pick].mean()), int(pick.sum()))
        for pick in (place == i for i in range(len(SURENESS) - 1))
        if pick.any()
    ]
