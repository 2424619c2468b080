import numpy as np
import pytest
from keras import ops

from training.losses import (
    L1_WEIGHT,
    MAX_SIGMA,
    SIGMA_AT_BIRTH,
    age_loss,
    distance,
    expected_age,
    gender_loss,
    sigma,
    taught,
)

YEARS = np.arange(101)


def gaussian(age):
    return (-0.5 * np.square((YEARS - age) / MAX_SIGMA)).astype(np.float32)[None]


def loss(age, logits):
    low, high = age if isinstance(age, tuple) else (age, age)
    return float(ops.convert_to_numpy(age_loss(np.float32([[low, high]]), logits))[0])


def test_expected_age_is_the_mean_of_the_distribution():
    logits = np.full((1, 101), -1e9, np.float32)
    logits[0, [20, 40]] = 0
    assert float(expected_age(logits)[0, 0]) == pytest.approx(30)
    for label, years in (((33, 33), 3), ((20, 29), 1), ((20, 39), 0)):
        assert float(distance(np.float32([label]), logits)[0]) == pytest.approx(years, abs=1e-5)


def test_the_loss_is_lowest_at_the_label():
    losses = [loss(30, gaussian(age)) for age in (20, 29, 30, 31, 40)]
    assert np.argmin(losses) == 2
    entropy = 0.5 * np.log(2 * np.pi * np.e * MAX_SIGMA**2)
    assert losses[2] == pytest.approx(entropy, abs=0.01)


def test_the_label_of_a_newborn_is_narrow():
    widths = [float(sigma(np.float32(age))) for age in (0, 10, 30, 80)]
    assert widths == pytest.approx([SIGMA_AT_BIRTH, 1.4, MAX_SIGMA, MAX_SIGMA])


def test_the_l1_term_grows_with_the_distance():
    flat = np.zeros((1, 101), np.float32)  # expects 50, whatever the label
    entropy = np.log(101)
    assert loss(50, flat) == pytest.approx(entropy, abs=0.01)
    assert loss(20, flat) == pytest.approx(entropy + 30 * L1_WEIGHT, abs=0.01)


def test_inside_a_range_there_is_no_loss():
    certain = np.full((1, 101), -50, np.float32)
    certain[0, 25] = 50
    assert loss((20, 29), certain) == pytest.approx(0, abs=1e-4)
    assert loss((30, 39), certain) > 90
    flat = np.zeros((1, 101), np.float32)
    assert loss((45, 54), flat) == pytest.approx(np.log(10.1), abs=0.01)


def test_an_unknown_gender_has_no_loss():
    losses = gender_loss(np.float32([[1], [0], [-1]]), np.float32([[2], [2], [2]]))
    expected = [np.log1p(np.exp(-2)), np.log1p(np.exp(2)), 0]
    assert ops.convert_to_numpy(losses) == pytest.approx(expected, abs=1e-4)


def test_teacher_and_label_count_by_their_weights():
    answer = ops.convert_to_numpy(ops.softmax(gaussian(40)))
    labels = np.hstack([np.float32([[30, 30]]), answer])
    for weight, best in ((0, 30), (0.5, 35), (1, 40)):
        loss = taught(weight)["age"]
        losses = [float(loss(labels, gaussian(age))[0]) for age in range(28, 43)]
        assert np.argmin(losses) + 28 == best
    label = float(age_loss(labels[:, :2], gaussian(33))[0])
    assert float(taught(0)["age"](labels, gaussian(33))[0]) == pytest.approx(label)


def test_a_teacher_counts_where_the_gender_is_unknown():
    logit, entropy = np.float32([[np.log(3)]] * 2), -0.75 * np.log(0.75) - 0.25 * np.log(0.25)
    found = taught(0.5)["gender"](np.float32([[-1, 0.75], [0, 0.75]]), logit)  # unknown, a man
    expected = [0.5 * entropy, 0.5 * entropy - 0.5 * np.log(0.25)]
    assert ops.convert_to_numpy(found) == pytest.approx(expected, abs=1e-5)
