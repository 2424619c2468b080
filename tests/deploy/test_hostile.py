"""A few hundred hostile uploads of every kind; `make hostile` sends 10,000."""

from tests.hostile.attack import attack, damage, footprint
from tests.hostile.requests import sample


def test_hostile_uploads_do_no_damage(stack):
    before = footprint(stack)
    outcomes = list(attack(stack, sample(300, seed=1)))
    assert [outcome[::2] for outcome in outcomes if outcome.violation] == []
    assert damage(stack, before) == []
    answers = {outcome.reply.answer for outcome in outcomes}
    assert {"ok", "bad_image", "unsupported_type", "too_many_pixels", "bad_request"} <= answers
    assert stack.is_ready()
