"""Faces of every size and roll, on photos made from one portrait."""

import numpy as np
import pytest
from PIL import Image

from deploy.testing.photos import WALL, encode, face
from model.detector import Detector
from model.estimator import Estimator
from model.photo import decode
from model.sightings import Sighting, merged, turned_back


@pytest.fixture(scope="module")
def estimator():
    return Estimator()


@pytest.fixture(scope="module")
def finder():
    return Detector()


def turned(pixels, angle):
    """The photo turned clockwise by whole degrees."""
    if angle % 90 == 0:
        return np.ascontiguousarray(np.rot90(pixels, -angle // 90))
    wide = np.pad(pixels, ((256, 256), (256, 256), (0, 0)), "edge")
    return np.asarray(Image.fromarray(wide).rotate(-angle, Image.Resampling.BICUBIC))


def scene(width, height, *faces):
    """A wall with her portrait at places (centre x, y, pixels of the face's width)."""
    wall = Image.new("RGB", (width, height), WALL)
    for x, y, pixels in faces:
        side = round(pixels * 200 / 87)  # the portrait's side for its face
        wall.paste(face().resize((side, side)), (x - side // 2, y - side // 2))
    return decode(encode(wall, quality=92)).pixels


@pytest.mark.parametrize("angle", [45, 90, 135, 180, 225, 270, 315])
def test_a_turned_face_gets_the_answer_of_the_upright_one(estimator, astronaut, angle):
    (upright,) = estimator.estimate(decode(encode(astronaut)))
    (found,) = estimator.estimate(decode(encode(turned(astronaut, angle))))
    assert abs(found.age - upright.age) < 4
    assert found.gender == upright.gender
    assert abs((found.roll - upright.roll - angle + 180) % 360 - 180) < 5


def test_box_and_landmarks_of_a_turned_face_are_in_the_photo_as_sent(estimator, astronaut):
    (upright,) = estimator.estimate(decode(encode(astronaut)))
    (found,) = estimator.estimate(decode(encode(turned(astronaut, 90))))
    across, down = upright.landmarks.T
    assert np.allclose(found.landmarks, np.stack([512 - down, across], axis=1), atol=6)
    left, top, width, height = upright.box
    assert np.allclose(found.box, (512 - top - height, left, height, width), atol=12)


def test_a_sideways_group_is_found_as_a_whole(finder, group):
    pixels = decode(group[0]).pixels
    upright, sideways = finder.find(pixels), finder.find(turned(pixels, -90))
    assert len(upright) == len(sideways) == 5
    assert {sighting.quarters for sighting in sideways} == {3}


def test_somebody_lies_beside_an_upright_face(finder, astronaut):
    pixels = np.concatenate([astronaut, np.rot90(astronaut)], axis=1)
    assert {sighting.quarters for sighting in finder.find(pixels)} == {0, 3}


@pytest.mark.parametrize("large", [[], [(1000, 1050, 480)]], ids=["alone", "beside a large face"])
@pytest.mark.parametrize("pixels", [55, 70, 90])
def test_every_small_face_is_found(finder, pixels, large):
    small = [(x, y, pixels) for x in range(200, 2000, 320) for y in (130, 430)]
    assert len(finder.find(scene(2000, 1500, *small, *large))) == len(small + large)


def test_a_face_on_the_border_of_two_pieces_is_found_once(finder):
    places = [(x, 400, 60) for x in range(150, 4800, 231)]
    assert len(finder.find(scene(4800, 800, *places))) == len(places)


def test_of_overlapping_boxes_the_upright_one_stays():
    leaning = Sighting((0, 0, 10, 10), 0.9, 90, lean=90)
    upright = Sighting((1, 1, 10, 10), 0.6, 90, lean=0)
    other = Sighting((30, 0, 10, 10), 0.5, 0, lean=0)
    assert merged([leaning, upright, other]) == [upright, other]


@pytest.mark.parametrize("quarters", range(4))
def test_turning_back_undoes_turning(quarters):
    pixels = np.zeros((40, 60), bool)
    pixels[5:10, 20:40] = True  # a box 20 wide and 5 high
    turned = np.rot90(pixels, quarters)
    rows, columns = (np.flatnonzero(turned.any(axis=axis)) for axis in (1, 0))
    box = columns[0], rows[0], len(columns), len(rows)
    (back,) = turned_back([Sighting(box, 0.9, 0.0, 0.0)], quarters, turned.shape)
    assert back.box == (20, 5, 20, 5)
    assert back.quarters == quarters
