"""300 hostile uploads of every kind; `make hostile` sends 10,000."""

import json

import pytest

from deploy.testing.waiting import until
from tests.hostile.attack import SECONDS, attack, damage, footprint, violation
from tests.hostile.http import Reply
from tests.hostile.requests import Case, cases, sample
from tests.reliability.faults import kill_worker

PROBLEM = {"type": "t", "title": "t", "detail": "d", "request_id": "1"}


def test_hostile_uploads_do_no_damage(stack):
    before = footprint(stack)
    outcomes = list(attack(stack, sample(300, seed=1)))
    assert [outcome[::2] for outcome in outcomes if outcome.violation] == []
    assert damage(stack, before) == []
    answers = {outcome.reply.answer for outcome in outcomes}
    assert {"ok", "bad_image", "unsupported_type", "too_many_pixels", "bad_request"} <= answers
    assert stack.is_ready()


def test_damage_would_be_seen(stack):
    before, log = footprint(stack), stack.logs / "yanling.log"
    victim = min(before.workers)
    kill_worker(stack, victim)
    until(lambda: b"DAMN ! worker" in log.read_bytes()[before.log_size :])
    left = stack.service / "spool" / "left"
    left.touch()
    found = damage(stack, before)
    left.unlink()
    assert f"worker {victim} is dead" in found
    assert f"left behind: {left}" in found
    assert any(line.startswith("logged: DAMN ! worker") for line in found)


def problem(status, code, **others):
    body = json.dumps({**PROBLEM, "status": status, "code": code, **others}).encode()
    return Reply(status, "application/problem+json", body, 0.1)


@pytest.mark.parametrize(
    ("reply", "what"),
    [
        (problem(422, "bad_image"), ""),
        (problem(500, "internal"), "status 500"),
        (problem(400, "bad_image"), "bad_image with 400, not 422"),
        (problem(413, "too_large"), "413 too_large, not ok or bad_image"),
        (problem(422, "bad_image", detail=""), "not the documented form"),
        (Reply(400, "text/html", b"<html>", 0.1), "400 HTTP 400 text/html"),
        (Reply(0, "", b"", 0.1), "0 closed"),
        (Reply(200, "application/json", b"{}", SECONDS + 1), "31 s"),
    ],
)
def test_a_wrong_answer_would_be_seen(reply, what):
    found = violation(Case("kind", "name", bytes, ("ok", "bad_image")), reply)
    assert found.startswith(what)
    assert bool(found) == bool(what)


def test_the_same_seed_makes_the_same_uploads():
    first, second = ([case.request() for case in sample(200, seed=5)] for _ in range(2))
    assert first == second
    assert len(list(cases(10_000, seed=1))) >= 10_000
