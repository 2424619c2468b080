"""The range of years around an estimate that holds the label in a known share of the cases."""

import numpy as np

YEARS = np.arange(101, dtype=np.float32)


def expected(ages: np.ndarray) -> np.ndarray:
    """(n, 101) probabilities of each year -> (n,) years."""
    return ages @ YEARS


def deviation(ages: np.ndarray) -> np.ndarray:
    """(n, 101) probabilities of each year -> (n,) their standard deviation, in years."""
    away = YEARS - expected(ages)[:, None]
    return np.sqrt(np.sum(ages * np.square(away), axis=1))


def age_ranges(ages: np.ndarray, calibration: dict) -> np.ndarray:
    """(n, 101) probabilities of each year -> (n, 2) whole years, both included.

    `calibration`, from `training.calibrate`: at `ages` years the range reaches `below` and
    `above` standard deviations down and up; between them it is interpolated.
    """
    age, spread = expected(ages), deviation(ages)
    low, high = (
        np.interp(age, calibration["ages"], calibration[side]) * spread
        for side in ("below", "above")
    )
    return np.stack([age - low, age + high], axis=1).round().clip(0, 100).astype(int)
