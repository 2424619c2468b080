"""Who had much time makes way for those who wait and had less.

tests/deploy/test_floods.py has the real stack, where nginx offers the request again.
"""

import pytest

from app.turns import HALF_LIFE, MARGIN, Turns

BOTH = {"mine", "others"}


@pytest.mark.parametrize(
    ("mine", "others", "waiting", "wait"),
    [
        (10, 1, BOTH, True),
        (10, 0, BOTH, True),
        (1 + 2 * MARGIN, 1, BOTH, True),
        (1 + MARGIN / 2, 1, BOTH, False),
        (1, 1, BOTH, False),
        (1, 10, BOTH, False),
        (10, 1, {"mine"}, False),  # nobody else waits: nothing is refused
        (10, 1, {"others"}, False),  # a single phone
        (10, 1, set(), False),
    ],
)
def test_one_waits_for_those_who_wait_and_had_less(mine, others, waiting, wait):
    turns = Turns(lambda: waiting)
    turns.spend("mine", mine, 100)
    turns.spend("others", others, 100)
    assert turns.must_wait("mine") == wait


def test_old_times_are_forgotten():
    turns = Turns(lambda: {"old", "new"})
    turns.spend("old", 8 * MARGIN, 100)
    assert turns.must_wait("old")
    turns.spend("new", 0, 100 + 2 * HALF_LIFE)
    assert turns.must_wait("old")
    turns.spend("new", 0, 100 + 4 * HALF_LIFE)
    assert not turns.must_wait("old")
