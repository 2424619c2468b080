import dlib
import numpy as np
import pytest

from model import chip
from model.faces import FaceFinder


@pytest.fixture(scope="module")
def face(astronaut):
    """Bounding box and landmarks of the astronaut."""
    (found,) = FaceFinder().find(astronaut)
    return found.box, found.landmarks


def test_inside_the_photo_the_chip_is_the_one_dlib_cuts(astronaut, face):
    _, landmarks = face
    own = dlib.get_face_chip(astronaut, chip.as_dlib(landmarks), chip.CHIP_SIZE, chip.CHIP_PADDING)
    assert np.array_equal(chip.cut(astronaut, landmarks), own)


def test_beyond_the_edge_the_edge_pixels_are_repeated(astronaut, face):
    (left, top, width, height), landmarks = face
    x, y = round(left), round(top)
    tight = astronaut[y : y + round(height), x : x + round(width)].clip(min=1)  # nothing is black
    wide = np.pad(tight, ((100, 100), (100, 100), (0, 0)), "edge")
    cut = chip.cut(tight, landmarks - (x, y))
    of_wide = chip.cut(wide, landmarks - (x - 100, y - 100))
    assert np.abs(cut.astype(int) - of_wide).max() <= 1
    assert (cut.max(axis=2) > 0).all()


@pytest.mark.parametrize("side", ["left", "top", "right", "bottom"])
def test_each_side_is_extended(astronaut, face, side):
    (left, top, width, height), landmarks = face
    x, y = (round(left), round(top)) if side in ("left", "top") else (0, 0)
    x, y = (x, 0) if side == "left" else (0, y)
    end = {"right": np.s_[:, : round(left + width)], "bottom": np.s_[: round(top + height)]}
    pixels = np.full_like(astronaut, 255)[y:, x:][end.get(side, np.s_[:])]
    assert chip.cut(pixels, landmarks - (x, y)).min() == 255


@pytest.mark.parametrize(
    "points",
    [[(5, 5)] * 5, [(-9000, 0), (0, 0), (9000, 0), (1, 0), (0, 9000)], [(10**6, 0)] * 5],
    ids=["one point", "far too large", "far away"],
)
def test_absurd_landmarks_still_give_a_chip(points):
    cut = chip.cut(np.zeros((40, 60, 3), np.uint8), np.array(points))
    assert cut.shape == (chip.CHIP_SIZE, chip.CHIP_SIZE, 3)
