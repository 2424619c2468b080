import numpy as np
import pytest

from model.age_range import age_ranges
from model.probabilities import YEARS, deviation, expected
from training.calibrate import calibrate, covered, left_out
from training.data import Chips
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
    ages, labels = estimates
    held, width = covered(ages[::2], labels[::2], calibrate(ages[1::2], labels[1::2]))
    assert 0.78 <= held.mean() <= 0.84
    truth = labels[::2, 0]
    for low, high in BANDS[:-1]:
        assert held[(low <= truth) & (truth <= high)].mean() >= 0.72
    assert width[truth > 60].mean() > 2 * width[truth < 10].mean()


@pytest.mark.parametrize("oldest", [12, 45])
def test_where_no_face_is_of_an_age_the_ranges_of_the_others_count(estimates, oldest):
    ages, labels = estimates
    young = labels[:, 0] <= oldest
    calibration = calibrate(ages[young], labels[young])
    known = np.searchsorted(calibration["ages"], oldest) - 1
    for side in ("below", "above"):
        assert min(calibration[side]) > 0
        assert calibration[side][-1] >= 0.7 * calibration[side][known]
    _, width = covered(ages[~young], labels[~young], calibration)
    assert width.min() >= 2


def test_the_surest_network_gets_a_range_too():
    ages = np.eye(101, dtype=np.float32)[[30] * 50]
    labels = np.full((50, 2), 30)
    assert min(calibrate(ages, labels)["below"]) > 0
    with pytest.raises(ValueError, match="no label names a year"):
        calibrate(ages, labels + np.array([0, 9]))


def test_coverage_is_lower_on_a_data_set_that_the_ranges_were_not_fitted_on(estimates):
    ages, labels = estimates
    n, strange = len(ages), np.arange(len(ages)) % 4 == 0
    source = np.where(strange, "strange", np.where(np.arange(n) % 2, "utkface", "aaf"))
    labels = labels + np.where(strange, 9, 0)[:, None]  # everybody there looks younger
    unknown = np.full((n, 1), -1.0)
    person = np.array([f"{one}/{i}" for i, one in enumerate(source)])
    chips = Chips([], np.zeros((n, 2), int), labels, unknown, source, person, person, person, {})
    found = left_out(chips, ages)
    assert found.keys() == {"strange", "utkface", "aaf"}
    assert found["strange"]["covered"] < 0.6 < 0.78 < found["aaf"]["covered"]
    assert found["strange"]["n"] == (strange & ~chips.chooses).sum()
    assert left_out(chips.subset(np.flatnonzero(strange)), ages[strange]) == {}


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
