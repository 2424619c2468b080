import numpy as np
import pytest

from training import evaluate
from training.data import Chips


@pytest.fixture
def chips():
    """Two photos whose age is known to the year, two whose age is a range; one without gender."""
    ages = np.float32([[8, 8], [40, 40], [20, 29], [70, 100]])
    gender = np.float32([[0], [1], [1], [-1]])
    source = np.array(["utkface", "utkface", "fairface", "fairface"])
    race = np.array(["", "", "Black", ""])
    return Chips([], np.zeros((4, 2), int), ages, gender, source, source, race, {})


def answers(*years):
    return np.eye(101, dtype=np.float32)[list(years)]


def test_errors_count_where_the_year_is_known_and_hits_where_a_range_is(chips):
    measured = evaluate.measure(chips, answers(10, 34, 30, 80), np.float32([0.9, 0.9, 0.9, 0.1]))
    assert measured["utkface"]["all"] == {"n": 2, "mae": 4.0, "cs5": 0.5, "gender": 0.5}
    assert measured["utkface"]["adults"] == {"n": 1, "mae": 6.0, "cs5": 0.0, "gender": 1.0}
    assert measured["utkface"]["0-9"] == {"n": 1, "mae": 2.0, "cs5": 1.0, "gender": 0.0}
    assert measured["fairface"]["all"] == {"n": 2, "in_range": 0.5, "gender": 1.0}
    assert measured["fairface"]["70-100"] == {"n": 1, "in_range": 1.0}
    assert measured["fairface"]["Black"] == {"n": 1, "in_range": 0.0, "gender": 1.0}
    assert "Black" not in measured["utkface"]


def test_the_table_leaves_out_what_was_not_measured(chips):
    measured = evaluate.measure(chips, answers(8, 40, 25, 80), np.float32([0.1, 0.9, 0.9, 0.1]))
    rows = list(evaluate.rows(measured))
    assert ("utkface", "all", "2", "0.00", "100.0%", "–", "100.0%") in rows
    assert ("fairface", "70-100", "1", "–", "–", "100.0%", "–") in rows
    assert all(len(row) == len(evaluate.COLUMNS) for row in rows)


def test_years_off_a_range_count_from_its_nearer_end(chips):
    off = evaluate.off_label(chips, answers(10, 34, 25, 60))
    assert off == pytest.approx([2, 6, 0, 10])


def test_only_faces_of_the_same_data_set_and_decade_are_compared(chips):
    value = np.array([1.0, 2.0, 3.0, 4.0])
    pick, reference = np.array([True, False, True, False]), np.array([False, True, False, True])
    assert np.isnan(evaluate.beside(chips, pick, reference, value)).all()
    chips.ages[:2] = 20
    assert evaluate.beside(chips, pick, reference, value) == (1.0, 2.0)
    chips.ages[2:] = 70
    assert evaluate.beside(chips, pick, reference, value) == (2.0, 3.0)
