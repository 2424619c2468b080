"""A gender confidence that is the share of right answers: temperature scaling (Guo et al., "On
Calibration of Modern Neural Networks", ICML 2017)."""

from collections.abc import Iterator

import numpy as np
from scipy.optimize import minimize_scalar

from model.probabilities import confidence, is_female

BINS = 15  # equal ones from 0.5 to 1, as usual for the expected calibration error
ROWS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0)  # edges of the bins that the report shows
LARGEST = np.log(10.0)  # of a temperature; the smallest is its inverse
CERTAIN = 1e-7  # a probability nearer to 0 or 1 has no float32 logit


def temperature(truth: np.ndarray, female: np.ndarray) -> float:
    """By what to divide the logits so that the labels become most likely; 1 where no gender is
    known. It changes no answer, only its confidence. `truth`: (n,) 0 male, 1 female, -1 unknown;
    `female`: (n,) probabilities."""
    known = truth >= 0
    if not known.any():
        return 1.0
    chance = female[known].astype(float).clip(CERTAIN, 1 - CERTAIN)
    logits, label = np.log(chance / (1 - chance)), truth[known]

    def loss(power: float) -> float:
        scaled = logits * np.exp(-power)
        return float(np.mean(np.logaddexp(0, scaled) - label * scaled))

    return float(np.exp(minimize_scalar(loss, bounds=(-LARGEST, LARGEST), method="bounded").x))


def calibration_error(truth: np.ndarray, female: np.ndarray) -> float:
    """The expected calibration error: how far confidence and share of right answers are apart, on
    average over the faces of known gender; nan without any. Arguments as for `temperature`."""
    known = truth >= 0
    sure, right = confidence(female[known]), is_female(female[known]) == (truth[known] > 0.5)
    return float(apart(sure, right)) if known.any() else float("nan")


def chance_error(female: np.ndarray, trials: int = 200, share: float = 0.95) -> float:
    """What the calibration error of perfect confidences stays below in `share` of the cases: few
    faces make it large by chance. `female`: (n,) probabilities."""
    sure, rng = confidence(female), np.random.default_rng(0)
    errors = [apart(sure, rng.random(len(sure)) < sure) for _ in range(trials)]
    return float(np.quantile(errors, share))


def apart(sure: np.ndarray, right: np.ndarray) -> float:
    """The mean over bins, weighted by faces, of |confidence - share right|. Both (n,)."""
    place = np.minimum((sure - 0.5) * 2 * BINS, BINS - 1).astype(int)
    return np.abs(np.bincount(place, sure - right, BINS)).sum() / len(sure)


def rows(truth: np.ndarray, female: np.ndarray) -> Iterator[tuple[float, float, int]]:
    """For each bin of the report: the mean confidence, the share of right genders, and the number
    of faces. Arguments as for `temperature`."""
    female, truth = female[truth >= 0], truth[truth >= 0]
    sure, right = confidence(female), is_female(female) == (truth > 0.5)
    place = np.digitize(sure, ROWS[1:-1])
    for i in range(len(ROWS) - 1):
        if (pick := place == i).any():
            yield float(sure[pick].mean()), float(right[pick].mean()), int(pick.sum())
