"""The study of quality on a few chips, with an engine that is wrong on purpose."""

import numpy as np
import pytest

from training.data import Chips
from training.studies import quality

TURN = np.array([0.0, 0.05, 0.15, 0.35, 0.36, 0.5])


class Engine:
    """Always answers 30 years and female."""

    def run(self, chips):
        n = len(chips)
        return np.eye(101, dtype=np.float32)[[30] * n], np.full(n, 0.9, np.float32)


@pytest.fixture
def chips(face):
    """Six faces of three data sets; the third label is a range, two of the turned faces are men."""
    ages = np.float32([[33, 33], [52, 52], [20, 29], [35, 35], [55, 55], [38, 38]])
    gender = np.float32([[1], [1], [1], [1], [0], [0]])
    source = np.array(["aaf", "utkface", "fairface", "aaf", "utkface", "aaf"])
    places = np.array([(0, i) for i in range(6)])
    return Chips([np.stack([face] * 6)], places, ages, gender, source, source, source, source,
                 {"turn": TURN})  # fmt: skip


def test_turned_faces_are_compared_with_frontal_ones_of_their_kind(chips, monkeypatch):
    monkeypatch.setattr(quality, "TURNS", (0.0, 0.1, 0.3, 0.4, 0.6, 1.0))
    rows = list(quality.turned(Engine(), chips.subset(np.array([0, 1, 3, 4, 5]))))
    assert rows == [
        ("0.0 to 0.1", "2", "12.50", "12.50", "100.0%", "100.0%"),
        ("0.3 to 0.4", "2", "15.00", "12.50", "50.0%", "100.0%"),
        ("0.4 to 0.6", "1", "8.00", "3.00", "0.0%", "100.0%"),
    ]


def test_degraded_faces_are_noted(chips):
    rows = {row[0]: row for row in quality.degraded(Engine(), chips)}
    assert rows["light of 100%"][2] == "dark 0%"
    assert rows["light of 10%"][2] == "dark 100%"
    assert rows["face of 20 px"][2] == "small 100%"
    assert rows["blur of 0 px"][2] == "blurred 0%"
    assert rows["blur of 4 px"][2] == "blurred 100%"
    assert {row[3] for row in rows.values()} == {"12.60"}  # nothing makes this engine worse
