import numpy as np
import pytest

from model.probabilities import confidence, from_logits
from training.confidence import calibration_error, chance_error, rows, temperature


def answers(heat):
    """4,000 faces whose logits are `heat` times too sure, and their labels."""
    rng = np.random.default_rng(2)
    logits = rng.normal(0, 3, 4000)
    truth = (rng.random(4000) < 1 / (1 + np.exp(-logits))).astype(float)
    truth[:100] = -1
    _, female = from_logits(np.zeros((4000, 101)), (heat * logits)[:, None])
    return truth, female.astype(np.float32)


@pytest.mark.parametrize("heat", [0.5, 1.0, 3.0])
def test_the_temperature_makes_confidence_the_share_of_right_answers(heat):
    truth, female = answers(heat)
    found = temperature(truth, female)
    assert found == pytest.approx(heat, rel=0.1)
    cooled = 1 / (1 + (1 / female - 1) ** (1 / found))
    assert np.array_equal(cooled >= 0.5, female >= 0.5)
    assert calibration_error(truth, cooled) < 0.02
    assert heat == 1 or calibration_error(truth, female) > 0.04


def test_chance_alone_makes_an_error_that_fewer_faces_increase():
    _, female = answers(1.0)
    assert chance_error(female) < 0.025 < chance_error(female[:100])


def test_answers_without_doubt_or_labels_have_a_temperature():
    certain = np.float32([1, 1, 0, 0])
    assert 0 < temperature(np.array([1, 0, 0, 0]), certain) < 100
    assert temperature(np.full(4, -1), certain) == 1
    assert np.isnan(calibration_error(np.full(4, -1), certain))


def test_no_confidence_reaches_100_percent():
    assert confidence(np.array([1.0, 0.0, 0.3, 0.5])).tolist() == [0.99, 0.99, 0.7, 0.5]


def test_confidence_is_compared_with_the_share_of_right_genders():
    truth = np.array([1, 0, 1, 0, 1, -1])  # the last one is unknown
    female = np.array([0.98, 0.02, 0.985, 0.985, 0.45, 1.0])
    (low, high) = rows(truth, female)
    assert low == (pytest.approx(0.55), 0.0, 1)
    assert high == (pytest.approx(0.9825), 0.75, 4)
    assert list(rows(truth[-1:], female[-1:])) == []
    assert calibration_error(truth, female) == pytest.approx((0.55 + 4 * 0.2325) / 5)
