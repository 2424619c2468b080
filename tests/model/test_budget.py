"""Photos of crowds: what is judged, and what it costs."""

import pytest

from deploy.testing.photos import encode, mosaic, school_class
from model import budget as budgets
from model.budget import FOR_EACH_FACE, MAX_FACES, SEARCH, Budget, SharedBudget
from model.estimator import Estimator
from model.photo import MAX_PIXELS, decode

PANORAMA = 4320, 540
LOOK = 1.0  # megapixels, of the largest look


@pytest.fixture(scope="module")
def estimate():
    estimator = Estimator()

    def run(image, **limits):
        budget = Budget(**{"seconds": 600} | limits)  # busy machines
        return estimator.estimate(decode(encode(image, quality=90)), budget), budget

    return run


@pytest.mark.parametrize(
    ("face_width", "turns", "blur"),
    [(35, (0,), 0), (42, (0,), 2), (40, (0, 90, 180, 270), 0)],
    ids=["900 faces", "688 doubtful", "300 in four directions"],
)
def test_a_crowd_costs_no_more_than_the_budget_and_the_rest_is_counted(
    estimate, face_width, turns, blur
):
    faces, budget = estimate(mosaic(*PANORAMA, face_width, turns=turns, blur=blur))
    assert 30 < len(faces) <= MAX_FACES
    assert budget.not_judged >= 20
    assert budget.megapixels < SEARCH + MAX_FACES * FOR_EACH_FACE + LOOK


@pytest.mark.parametrize(
    ("turns", "blur"),
    [((0,), 0), ((0,), 4), ((30, -30), 0), ((0, 90), 0)],
    ids=["sharp", "blurred", "tilted", "half lie"],
)
def test_a_school_class_is_answered_whole(estimate, turns, blur):
    photo = school_class(turns, blur)
    faces, budget = estimate(photo)
    assert budget.not_judged == 0
    assert 55 <= len(faces) <= 60
    everyone, _ = estimate(photo, faces=1000)
    assert len(faces) == len(everyone)


def test_the_largest_faces_are_judged(estimate):
    photo = mosaic(1920, 960, 50)
    photo.paste(mosaic(200, 250, 160), (800, 300))
    few, budget = estimate(photo, faces=3)
    many, _ = estimate(photo, faces=1000)
    assert len(few) == 3
    assert few[0].box == many[0].box
    assert budget.not_judged >= len(many) - 3 > 100
    assert few[0].box[2] > 1.5 * few[1].box[2]


def test_when_time_is_up_the_largest_face_is_judged_and_the_others_are_counted(estimate, group):
    faces, budget = estimate(decode(group[0]).pixels, seconds=0)
    assert len(faces) == 1
    assert budget.not_judged > 0


@pytest.mark.parametrize(
    ("pixels", "faces", "megapixels", "photos"),
    [
        (1e6, 1, 0.1, 50),  # portraits: by their pixels
        (1e5, 1, 0.01, 64),  # small ones: by their faces
        (1e6, 30, 1.0, 3),  # groups
        (1e6, 64, 11.0, 1),  # a crowd
        (1e6, 0, 6.0, 2),  # landscapes full of hints
        (MAX_PIXELS - 1, 0, 0.1, 2),
        (MAX_PIXELS, 0, 0.1, 1),
    ],
)
def test_photos_of_one_request_cost_at_most_twice_what_one_may(pixels, faces, megapixels, photos):
    shared, begun = SharedBudget(), 0
    while own := shared.for_next(1000):
        assert own.faces == MAX_FACES
        own.spend(megapixels * 1e6)
        shared.spend(int(pixels), faces, own)
        begun += 1
    assert begun == photos


def test_no_photo_is_begun_when_the_time_of_the_request_is_up(monkeypatch):
    shared = SharedBudget()
    assert 0 < shared.for_next(3).seconds <= budgets.SECONDS
    assert shared.for_next(3).faces == 3
    monkeypatch.setattr(budgets, "PHOTOS_SECONDS", 0)
    assert shared.for_next(3) is None
