"""CenterFace's looks at a place where the glance sees what may be a face."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from deploy.testing.photos import WALL, face
from model.budget import Budget
from model.centerface import CenterFace
from model.close_look import LOOK, QUICK_LOOK, faces_at, quick_looks
from model.sightings import Sighting
from model.upright import Looks

HEAD = Sighting((430, 270, 120, 150), 0.5, 0.0, 0.0)  # where she is on the wall, her hair left out


@pytest.fixture(scope="module")
def network():
    return CenterFace()


@pytest.fixture
def looks(network):
    return Looks(network, Budget())


@pytest.fixture(scope="module")
def wall():
    """Her face in the middle of a wall, 1000x700."""
    image = Image.new("RGB", (1000, 700), WALL)
    image.paste(face().resize((250, 250)), (370, 230))
    return image


@pytest.mark.parametrize("roll", [0, 30, 90, 150, 180, 270, 315])
def test_a_face_is_found_whichever_way_up(looks, wall, roll):
    turned = wall.rotate(-roll, Image.Resampling.BICUBIC, center=HEAD.centre, fillcolor=WALL)
    (found,) = faces_at(looks, np.asarray(turned), HEAD)
    assert found.holds(HEAD.centre)
    assert abs((found.roll - roll + 180) % 360 - 180) < 15


def test_an_upright_face_takes_one_quick_looks(looks, wall):
    quick_looks(looks, np.asarray(wall), HEAD)
    assert looks.budget.megapixels == pytest.approx(QUICK_LOOK**2 / 1e6, rel=0.1)


def test_where_a_face_is_probable_one_close_look_is_enough(looks, wall):
    probable = replace(HEAD, score=0.8)
    (found,) = faces_at(looks, np.asarray(wall), probable)
    assert found.holds(HEAD.centre)
    assert looks.budget.megapixels == pytest.approx(LOOK**2 / 1e6, rel=0.1)


def test_a_probable_face_that_is_turned_is_found_by_further_looks(looks, wall):
    turned = wall.transpose(Image.Transpose.ROTATE_180)
    x, y, wide, high = HEAD.box
    there = Sighting((1000 - x - wide, 700 - y - high, wide, high), 0.8, 0.0, 0.0)
    (found,) = faces_at(looks, np.asarray(turned), there)
    assert abs(found.roll) > 165


def test_a_bare_wall_is_rejected_by_quick_looks_alone(looks, wall):
    elsewhere = Sighting((150, 450, 120, 150), 0.5, 0.0, 0.0)
    assert faces_at(looks, np.asarray(wall), elsewhere) == []
    assert looks.budget.megapixels == pytest.approx(4 * QUICK_LOOK**2 / 1e6, rel=0.1)


def test_a_face_at_the_edge_is_whole_in_the_answer(looks, wall):
    pixels = np.asarray(wall)[:, 430:]
    (found,) = faces_at(looks, pixels, Sighting((0, 270, 120, 150), 0.5, 0.0, 0.0))
    assert found.box[0] < 20
