import numpy as np
import pytest

from model.age_range import age_ranges
from model.probabilities import YEARS, deviation, expected
from training.calibrate import calibrate, coverage, gender_confidence
from training.measures import BANDS


@pytest.fixture(scope="module")
def estimates():
    """4,000 overconfident estimates, too low above 50."""
    rng = np.random.default_rng(1)
    truth = rng.integers(1, 80, 4000)
    centre = truth + rng.normal(0, 0.5 + truth / 12) - np.maximum(0, truth - 50) / 8
    centre = centre.clip(0.5, 100)[:, None]
    powers = np.exp(-0.5 * np.square((YEARS - centre) / (0.4 + centre / 16)))
    return powers / powers.sum(axis=1, keepdims=True), np.stack([truth, truth], axis=1)


def test_mean_and_deviation_of_a_distribution():
    ages = np.zeros((1, 101), np.float32)
    ages[0, [20, 40]] = 0.5
    assert expected(ages) == pytest.approx([30])
    assert deviation(ages) == pytest.approx([10])


def test_ranges_reach_their_coverage_at_every_age(estimates):
    held, width = coverage(*estimates)
    assert 0.78 <= held.mean() <= 0.83
    truth = estimates[1][:, 0]
    for low, high in BANDS:
        assert held[(low <= truth) & (truth <= high)].mean() >= 0.72
    assert width[truth > 60].mean() > 2 * width[truth < 10].mean()


def test_ranges_correct_a_bias(estimates):
    calibration = calibrate(*estimates)
    old = calibration["ages"].index(60)
    assert calibration["above"][old] > 1.5 * calibration["below"][old]


def test_labels_that_are_ranges_do_not_count(estimates):
    ages, labels = estimates
    ranges = np.concatenate([labels, np.tile([0, 100], (50, 1))])
    assert calibrate(np.concatenate([ages, ages[:50]]), ranges) == calibrate(ages, labels)


def test_ranges_stay_within_0_and_100():
    calibration = {"ages": [0, 100], "below": [9, 9], "above": [9, 9]}
    ages = np.full((1, 101), 1 / 101, np.float32)
    assert age_ranges(ages, calibration).tolist() == [[0, 100]]


def test_confidence_is_compared_with_the_share_of_right_genders():
    truth = np.array([1, 0, 1, 0, 1, -1])  # the last one is unknown
    female = np.array([0.96, 0.04, 0.98, 0.97, 0.45, 1.0])
    (low, high) = gender_confidence(truth, female)
    assert low == (pytest.approx(0.55), 0.0, 1)
    assert high == (pytest.approx(0.9675), 0.75, 4)
    assert gender_confidence(truth[-1:], female[-1:]) == []
