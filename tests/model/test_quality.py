import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from model import quality
from model.faces import FaceFinder


@pytest.fixture(scope="module")
def measured():
    finder = FaceFinder()

    def measured(image):
        (face, *_) = finder.find(np.asarray(image))
        return quality.measure(face)

    return measured


def test_a_good_portrait_has_no_notes(measured, astronaut):
    found = measured(Image.fromarray(astronaut))
    assert found.notes() == []
    assert 70 < found.size < 130
    assert found.turn < 0.2


def test_dark_blurred_and_small_faces_are_noted(measured, astronaut):
    portrait = Image.fromarray(astronaut)
    assert measured(ImageEnhance.Brightness(portrait).enhance(0.25)).notes() == ["dark"]
    assert measured(portrait.filter(ImageFilter.GaussianBlur(3))).notes() == ["blurred"]
    assert "small" in measured(portrait.resize((128, 128))).notes()


@pytest.mark.parametrize(("nose", "turn"), [(50, 0.0), (65, 0.25), (20, 0.5)])
def test_the_turn_is_how_far_the_nose_is_from_between_the_eyes(nose, turn):
    landmarks = np.float32([[85, 40], [75, 40], [15, 40], [25, 40], [nose, 70]])
    assert quality.turn_of(landmarks) == pytest.approx(turn)


def test_notes_can_be_judged_for_arrays():
    size, rest = np.array([100, 10]), [np.full(2, value) for value in (0.0, 9.0, 128, 0.9, 0.0)]
    judged = quality.judge(size, *rest)
    assert judged["small"].tolist() == [False, True]
    assert not judged["dark"].any()


@pytest.mark.parametrize(
    "area", [(0, 0, 512, 150), (0, 106, 512, 512), (215, 0, 512, 512)], ids=["chin", "brow", "side"]
)
def test_a_face_that_the_edge_cuts_off_is_noted(measured, astronaut, area):
    assert "cut_off" in measured(Image.fromarray(astronaut).crop(area)).notes()


def test_what_is_hardly_a_face_is_noted(measured, astronaut):
    half = Image.fromarray(astronaut).crop((0, 0, 512, 112))  # nose and mouth are missing
    assert "unsure" in measured(half).notes()
