"""A short form of the search for the dearest photo; `make hostile` runs all of it."""

from itertools import count

import pytest

from tests.hostile.dearest import KNOWN, PORTRAITS, Cost, Meter, Scene, costs, dearest_scene
from tests.hostile.dearest import violations as too_dear
from tests.hostile.encodings import ENCODINGS

FORMATS = ("JPEG", "PNG", "WEBP", "HEIC")
SHARE = 1 / 16  # of the pixels that a photo may have: most of the cost are faces


@pytest.fixture(scope="module")
def meter():
    return Meter()


def test_the_dearest_photo_of_each_format_costs_no_more_than_it_may(meter):
    few = {encoding.format: encoding for encoding in ENCODINGS if encoding.format in FORMATS}
    found = list(costs(meter, KNOWN, list(few.values()), SHARE))
    assert [too_dear(cost, meter.portrait) for _, cost in found] == [[]] * len(FORMATS)
    assert all(cost.left > 100 for _, cost in found)


def test_a_photo_that_is_too_dear_would_be_seen():
    assert too_dear(Cost(0.1 * PORTRAITS, 449, 64, 0), 0.11) == []
    assert len(too_dear(Cost(0.1 * PORTRAITS, 451, 64, 0), 0.09)) == 2


def test_the_search_keeps_what_costs_most():
    calls = count()
    steps = [1, 2, 1, 3, 1, 1, 1, 1, 1]  # the first scene, four choices, and these again

    def pretend(_data):
        return Cost(steps[next(calls)], 0, 0, 0)

    choices = {"aspect": (2, 3), "blur": (2, 1)}
    assert dearest_scene(pretend, choices, print) == Scene(aspect=2, blur=2)
    assert Scene(noise=5).draw() == Scene(noise=5).draw()
