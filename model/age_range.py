"""The range of ages that contains the true age with a known probability."""

import numpy as np

from model.probabilities import deviation, expected


def age_ranges(ages: np.ndarray, calibration: dict) -> np.ndarray:
    """(n, 101) probabilities of each year -> (n, 2) whole years, both included.

    `calibration`, from `training.calibrate`: at each of `ages` years the range extends `below` and
    `above` standard deviations down and up; it is interpolated between those ages.
    """
    age, spread = expected(ages), deviation(ages)
    low, high = (
        np.interp(age, calibration["ages"], calibration[side]) * spread
        for side in ("below", "above")
    )
    return np.stack([age - low, age + high], axis=1).round().clip(0, 100).astype(int)
