"""From the network's logits to the probability of each age, and of female."""

import numpy as np

YEARS = np.arange(101, dtype=np.float32)
MOST_CONFIDENT = 0.99  # no photo proves a gender


def from_logits(age: np.ndarray, gender: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logits (n, 101) and (n, 1) -> the probability of each age, (n, 101), and of female, (n,)."""
    powers = np.exp(age - age.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True), 1 / (1 + np.exp(-gender[:, 0]))


def expected(ages: np.ndarray) -> np.ndarray:
    """(n, 101) probabilities of each year -> (n,) years."""
    return ages @ YEARS


def deviation(ages: np.ndarray) -> np.ndarray:
    """(n, 101) probabilities of each year -> (n,) their standard deviation, in years."""
    distance = YEARS - expected(ages)[:, None]
    return np.sqrt(np.sum(ages * np.square(distance), axis=1))


def is_female(female):
    """Whether a probability of female, a number or an array, counts as female."""
    return female >= 0.5


def confidence(female):
    """How sure the gender is, from 0.5 to `MOST_CONFIDENT`, for a probability of female, a number
    or an array."""
    return np.minimum(np.maximum(female, 1 - female), MOST_CONFIDENT)
