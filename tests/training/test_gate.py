"""Weights that are worse than the shipped ones on the same photos are refused, noise is not."""

import numpy as np
import pytest

from training import gate
from training.data import Chips

FACES = 900


def chips(n=FACES, source="utkface"):
    years = np.arange(n) % 60 + 10.0
    names, gender = np.array([f"{i}" for i in range(n)]), (np.arange(n) % 2)[:, None]
    sources = np.array([source] * n)
    ages = np.stack([years, years], axis=1)
    return Chips([], np.zeros((n, 2), int), ages, gender, sources, names, names, names, {})


def answers(faces, offset, wrong=0, seed=0):
    """Estimates that are off by `offset` years, more or less, and `wrong` false genders."""
    rng = np.random.default_rng(seed)
    years = (faces.ages[:, 0] + offset + rng.normal(0, 4, len(faces))).clip(0, 100)
    low = np.floor(years).astype(int).clip(0, 99)
    ages = np.zeros((len(faces), 101))
    ages[np.arange(len(faces)), low] = 1 - (years - low)
    ages[np.arange(len(faces)), low + 1] = years - low
    female = np.where(faces.gender[:, 0] > 0.5, 0.97, 0.03)
    female[:wrong] = 1 - female[:wrong]
    return ages, female


@pytest.mark.parametrize(
    ("offset", "wrong", "reasons"),
    [
        (0.0, 0, []),
        (0.04, 2, []),  # one flipped face of 900 was too much for a bound of 0.1 %
        (0.0, 4, []),  # two standard errors
        (0.0, 9, ["int8 costs 9 right genders of 900"]),
        (3.0, 0, ["years of MAE"]),
    ],
)
def test_int8_may_cost_little(offset, wrong, reasons):
    faces = chips()
    found = list(gate.rounding(faces, answers(faces, 0), answers(faces, offset, wrong)))
    assert len(found) == len(reasons)
    assert all(reason in one for reason, one in zip(reasons, found, strict=True))


def test_faces_that_int8_gains_make_up_for_those_it_loses():
    faces = chips()
    exact, graph = answers(faces, 0, 30), answers(faces, 0)
    graph[1][100:130] = 1 - graph[1][100:130]
    assert list(gate.rounding(faces, exact, graph)) == []


@pytest.mark.parametrize(
    ("offset", "wrong", "seed", "figures"),
    [
        (0.0, 0, 1, []),  # other errors of the same size
        (0.0, 3, 0, []),
        (0.0, 12, 0, ["wrong genders"]),
        (3.0, 0, 0, ["years off the label", "bias by decade"]),
        (-3.0, 0, 0, ["years off the label", "bias by decade"]),
        (13.0, 0, 2, ["years off the label", "bias by decade"]),
    ],
)
def test_weights_that_are_clearly_worse_are_refused(offset, wrong, seed, figures):
    faces = chips()
    compared = list(gate.compare(faces, answers(faces, 0), answers(faces, offset, wrong, seed)))
    assert [one.figure for one in compared if one.refused] == figures
    assert len(list(gate.regressions(compared))) == len(figures)
    assert all(len(one.row()) == len(gate.COLUMNS) for one in compared)
    # and the other way round they are better
    back = gate.compare(faces, answers(faces, offset, wrong, seed), answers(faces, 0))
    assert not any(one.refused for one in back)


def test_a_pull_to_the_middle_is_refused_although_the_mean_error_is_no_larger():
    faces = chips()
    exact, pulled = answers(faces, 0), answers(faces, 0, seed=3)
    middle = (faces.ages[:, 0] - 39.5) / 6
    years = faces.ages[:, 0] - middle
    pulled[0][:] = np.eye(101)[years.round().astype(int)]
    refused = [one.figure for one in gate.compare(faces, exact, pulled) if one.refused]
    assert refused == ["bias by decade"]


def test_each_data_set_counts_and_too_few_faces_are_not_compared():
    few = chips(gate.ENOUGH - 1)
    compared = list(gate.compare(few, answers(few, 0), answers(few, 20)))
    assert compared == []
    assert "no data set has 20 faces" in " ".join(gate.regressions(compared))


def test_confidence_and_ranges_must_mean_what_they_say():
    faces = chips()
    wide, narrow = (
        {"ages": [0, 100], "below": [width] * 2, "above": [width] * 2} for width in (40.0, 0.1)
    )
    honest, sure = answers(faces, 0, wrong=27), answers(faces, 0, wrong=90)
    assert list(gate.calibration(faces, honest, wide)) == []
    reasons = " ".join(gate.calibration(faces, sure, narrow))
    assert "80% ranges hold" in reasons
    assert "gender's confidence is off by 7.0%" in reasons
