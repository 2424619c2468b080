import numpy as np
import pytest

from training import measures
from training.data import Chips


@pytest.fixture
def chips():
    """Two labels are years, two are ranges; one has no gender."""
    ages = np.float32([[8, 8], [40, 40], [20, 29], [70, 100]])
    gender = np.float32([[0], [1], [1], [-1]])
    source = np.array(["utkface", "utkface", "fairface", "fairface"])
    race = np.array(["", "", "Black", ""])
    return Chips([], np.zeros((4, 2), int), ages, gender, source, source, race, source, {})


def answers(*years):
    return np.eye(101, dtype=np.float32)[list(years)]


def test_years_are_measured_by_error_and_ranges_by_hits(chips):
    measured = measures.measure(chips, answers(10, 34, 30, 80), np.float32([0.9, 0.9, 0.9, 0.1]))
    assert measured["utkface"]["all"] == {
        "n": 2, "mae": 4.0, "bias": -2.0, "cs5": 0.5, "gender": 0.5
    }  # fmt: skip
    assert measured["utkface"]["adults"]["bias"] == -6.0
    assert measured["utkface"]["0-9"] == {
        "n": 1, "mae": 2.0, "bias": 2.0, "cs5": 1.0, "gender": 0.0
    }  # fmt: skip
    assert measured["fairface"]["all"] == {"n": 2, "in_range": 0.5, "gender": 1.0}
    assert measured["fairface"]["70-79"] == {"n": 1, "in_range": 1.0}
    assert measured["fairface"]["Black"] == {"n": 1, "in_range": 0.0, "gender": 1.0}
    assert "Black" not in measured["utkface"]


def test_the_table_has_a_dash_for_what_was_not_measured(chips):
    measured = measures.measure(chips, answers(8, 40, 25, 80), np.float32([0.1, 0.9, 0.9, 0.1]))
    rows = list(measures.rows(measured))
    assert ("utkface", "all", "2", "0.00", "+0.0", "100.0%", "–", "–", "100.0%") in rows
    assert ("fairface", "70-79", "1", "–", "–", "–", "100.0%", "–", "–") in rows
    assert all(len(row) == len(measures.COLUMNS) for row in rows)


def test_the_share_of_labels_in_the_age_range_is_measured_where_labels_name_a_year(chips):
    calibration = {"ages": [0, 100], "below": [1.0, 1.0], "above": [1.0, 1.0]}
    ages = (answers(2, 30, 2, 2) + answers(10, 38, 4, 4)) / 2  # means 6 and 34, deviations 4
    measured = measures.measure(chips, ages, np.zeros(4, np.float32), calibration)
    assert [measured["utkface"][who]["covered"] for who in ("0-9", "40-49")] == [1.0, 0.0]
    assert "covered" not in measured["fairface"]["all"]


def test_the_distance_to_a_range_is_from_its_nearer_end(chips):
    off = measures.off_label(chips, answers(10, 34, 25, 60))
    assert off == pytest.approx([2, 6, 0, 10])


def test_only_faces_of_the_same_data_set_and_decade_are_compared(chips):
    value = np.array([1.0, 2.0, 3.0, 4.0])
    pick, reference = np.array([True, False, True, False]), np.array([False, True, False, True])
    assert np.isnan(measures.matched_means(chips, pick, reference, value)).all()
    chips.ages[:2] = 20
    assert measures.matched_means(chips, pick, reference, value) == (1.0, 2.0)
    chips.ages[2:] = 70
    assert measures.matched_means(chips, pick, reference, value) == (2.0, 3.0)
