"""Yaw, pitch and roll from five landmarks."""

from itertools import product
from math import cos, radians, sin

import numpy as np
import pytest
from PIL import Image

from model.faces import FaceFinder
from model.pose import pose_of

# Of MediaPipe's canonical face model, in cm, x to the right, y down, z to the camera;
# corners of the eye on the right, of the eye on the left, base of the nose
HEAD = np.array(
    [
        (4.446, -2.664, 3.173),
        (1.856, -2.585, 3.758),
        (-4.446, -2.664, 3.173),
        (-1.856, -2.585, 3.758),
        (0, 2.089, 6.058),
    ]
)
DISTANCE = 90  # cm to the camera


def seen(yaw, pitch, roll):
    """Where a camera sees the landmarks of a head that is turned so: first up, then to the right
    of the picture, then clockwise."""
    p, y, r = map(radians, (pitch, yaw, roll))
    up = np.array([(1, 0, 0), (0, cos(p), -sin(p)), (0, sin(p), cos(p))])
    aside = np.array([(cos(y), 0, sin(y)), (0, 1, 0), (-sin(y), 0, cos(y))])
    clockwise = np.array([(cos(r), -sin(r), 0), (sin(r), cos(r), 0), (0, 0, 1)])
    x, y, z = (clockwise @ aside @ up @ HEAD.T) * 30
    return np.stack([x, y], axis=1) * (DISTANCE / (DISTANCE - z / 30))[:, None] + 200


@pytest.mark.parametrize(
    ("yaw", "pitch", "roll"), [*product((-30, -15, 0, 15, 30), (-15, 0, 15, 30), (-90, 0, 25, 170))]
)
def test_a_head_of_usual_proportions_in_perspective(yaw, pitch, roll):
    found = pose_of(np.float32(seen(yaw, pitch, roll)))
    assert found.yaw == pytest.approx(yaw, abs=8)
    assert found.pitch == pytest.approx(pitch, abs=8)
    assert found.roll == pytest.approx(roll, abs=5)


def test_a_photo_its_mirror_image_and_the_photo_on_its_side(astronaut):
    finder, photo = FaceFinder(), Image.fromarray(astronaut)
    mirrored = photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    turned = photo.transpose(Image.Transpose.ROTATE_270)  # clockwise by a quarter
    found = [pose_of(finder.find(np.asarray(each))[0].landmarks) for each in (photo, mirrored)]
    aside = pose_of(finder.find(np.asarray(turned))[0].landmarks)
    assert found[1].yaw == pytest.approx(-found[0].yaw, abs=6)
    assert found[1].pitch == pytest.approx(found[0].pitch, abs=8)
    assert aside.yaw == pytest.approx(found[0].yaw, abs=6)
    assert aside.roll == pytest.approx(90 + found[0].roll, abs=5)
    assert abs(found[0].yaw) < 15
    assert abs(found[0].pitch) < 20


@pytest.mark.parametrize("nose", [(50, 200), (50, -100), (500, 70), (50, 50)])
def test_landmarks_that_no_head_has_get_a_pose_within_bounds(nose):
    found = pose_of(np.float32([(85, 40), (75, 40), (15, 40), (25, 40), nose]))
    assert -90 <= found.yaw <= 90
    assert -20 <= round(found.pitch) <= 61
    assert pose_of(np.zeros((5, 2), np.float32)).yaw == 0
