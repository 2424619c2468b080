import numpy as np
import pytest

from training import data


def labels(*ages):
    return np.array([age if isinstance(age, tuple) else (age, age) for age in ages], float)


def test_rare_ages_weigh_more_up_to_the_limit():
    ages = labels(*[25] * 100, *[62] * 50, *[88] * 2)
    weights = data.draw_weights(ages, 4.0)
    assert weights[[0, 100, 150]].tolist() == [1, 2, 4]
    assert (data.draw_weights(ages, 1.0) == 1).all()


def test_a_range_counts_in_parts_for_each_of_its_years():
    ages = labels(*[22] * 10, (20, 29))
    assert data.draw_weights(ages, 30.0)[-1] == pytest.approx((1 + 10.5) / 2)


def test_each_face_is_drawn_as_often_as_it_weighs():
    weights = np.array([1.0] * 60 + [4.0] * 10)
    drawn = data.draw(weights, np.random.default_rng(1))
    times = np.bincount(drawn, minlength=70)
    assert len(drawn) == 70
    assert set(times[:60]) <= {0, 1}
    assert set(times[60:]) <= {2, 3}
    equal = data.draw(np.ones(50), np.random.default_rng(1))
    assert sorted(equal) == list(range(50))
    assert list(equal) != sorted(equal)


def test_of_many_faces_of_one_weight_each_is_drawn_once():
    drawn = data.draw(np.full(70_000, 1.1, np.float32), np.random.default_rng(0))
    assert (np.bincount(drawn) == 1).all()
    assert len(drawn) == 70_000
