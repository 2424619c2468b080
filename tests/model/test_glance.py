"""What the glance sees, and what it leaves to CenterFace."""

import shutil

import numpy as np
import pytest
from PIL import Image

from deploy.testing.photos import WALL, face, no_face
from model.budget import Budget
from model.centerface import CenterFace
from model.close_look import LOOK, QUICK_LOOK, faces_at
from model.detector import Detector
from model.glance import SHA256, WEIGHTS, Glance, only_face, sightings
from model.sightings import Sighting, overlap
from model.upright import SURE, Looks
from model.verified import WeightsError


@pytest.fixture(scope="module")
def detector():
    return Detector()


class Blind:
    """A CenterFace that sees nothing; `looks`: the sizes of what it looked at."""

    def __init__(self):
        self.looks = []

    def look(self, pixels, scale, *_):
        self.looks.append(tuple(round(side * scale) for side in pixels.shape[:2]))
        return []


def wall(*faces):
    """A wall with her face at places (left, top, side in pixels), 1200x900."""
    image = Image.new("RGB", (1200, 900), WALL)
    for left, top, side in faces:
        image.paste(face().resize((side, side)), (left, top))
    return np.asarray(image)


@pytest.mark.parametrize("size", [300, 512, 1024])
def test_it_sees_the_face_that_centerface_finds(detector, astronaut, size):
    pixels = np.asarray(Image.fromarray(astronaut).resize((size, size)))
    seen = detector.glance(pixels, Budget())
    (found,) = detector.search(pixels, Budget())
    assert overlap(np.array(seen.box), np.array([found.box]))[0] > 0.75
    assert abs(seen.roll - found.roll) < 10
    assert detector.find(pixels) == [seen]


def test_it_costs_a_third_of_the_pixels(detector):
    find, search = Budget(), Budget()
    detector.find(wall((300, 200, 500)), find)
    detector.search(wall((300, 200, 500)), search)
    assert find.megapixels < search.megapixels / 3


def test_a_photo_without_any_trace_is_not_searched_turn_by_turn(detector):
    """But a dark one is, and a small one: there it misses faces."""
    costs = {}
    for name, pixels in (("bright", wall()), ("dark", wall() // 8), ("small", wall()[::3, ::3])):
        find, search = Budget(), Budget()
        assert detector.find(pixels, find) == detector.search(pixels, search) == []
        costs[name] = find.megapixels < search.megapixels / 3
    assert costs == {"bright": True, "dark": False, "small": False}


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_centerface_looks_at_a_turned_face_upright(detector, turn):
    find, search = Budget(), Budget()
    pixels = np.ascontiguousarray(np.rot90(wall((300, 200, 500)), turn))
    (face,) = detector.find(pixels, find)
    detector.search(pixels, search)
    assert abs((face.roll + 90 * turn + 180) % 360 - 180) < 10
    assert find.megapixels < search.megapixels


@pytest.mark.parametrize(
    "pixels",
    [
        wall((100, 200, 500), (800, 300, 350)),
        wall((100, 200, 500), (950, 300, 90)),
        wall((500, 400, 90)),
        np.rot90(wall((300, 200, 500))),
        wall((300, 200, 500))[:60, :80],
        np.tile(wall((300, 200, 500)), (1, 3, 1)),
        wall(),
        no_face(),
    ],
    ids=["two", "a small second", "a small one", "sideways", "tiny", "panorama", "empty", "none"],
)
def test_it_leaves_to_centerface_whatever_is_not_one_large_upright_face(detector, pixels):
    assert detector.glance(np.ascontiguousarray(pixels), Budget()) is None


@pytest.mark.parametrize(
    ("box", "score", "others", "looks"),
    [
        ((300, 200, 400, 500), 0.9, [], 0),
        ((300, 200, 400, 500), 0.6, [], 1),
        ((300, -10, 400, 500), 0.9, [], 1),
        ((300, 200, 400, 500), 0.9, [Sighting((900, 100, 90, 90), 0.5, 0.0, 0.0)], 4),
        ((300, 200, 400, 500), 0.9, [Sighting((900, 100, 90, 90), 0.3, 0.0, 0.0)], 0),
    ],
    ids=["certain", "not certain", "cut off", "a second one", "perhaps a second one"],
)
def test_centerface_has_the_last_word_unless_the_glance_is_certain(box, score, others, looks):
    face, blind = Sighting(box, score, 0.0, 0.0), Blind()
    seen = only_face(Looks(blind, Budget()), wall(), [face, *others], {})
    assert len(blind.looks) == looks
    assert seen == (face if score > SURE and box[1] > 0 else None)


@pytest.mark.parametrize(
    ("score", "looks"), [(0.9, []), (0.5, [QUICK_LOOK, LOOK]), (0.38, [QUICK_LOOK, LOOK])]
)
def test_a_second_face_is_looked_at_once_if_at_all(detector, monkeypatch, score, looks):
    look, sizes = CenterFace.look, []

    def counted(network, pixels, scale, *rest):
        sizes.append(round(max(pixels.shape[:2]) * scale))
        return look(network, pixels, scale, *rest)

    monkeypatch.setattr(CenterFace, "look", counted)
    places = ((280, 290, 300, 380), 0.9), ((960, 150, 105, 130), score)
    seen = [Sighting(box, sure, 0.0, 0.0) for box, sure in places]
    monkeypatch.setattr(Glance, "look", lambda *_: seen)
    found = detector.find(wall((100, 50, 700), (900, 70, 240)))
    assert sorted(round(face.box[0], -2) for face in found) == [300, 1000]
    assert sizes == looks


@pytest.mark.parametrize(
    ("left", "top"), [(1075, 300), (-125, 300), (900, -100)], ids=["right", "left", "top"]
)
def test_beside_a_large_face_half_a_second_one_is_found(detector, left, top):
    faces = detector.find(wall((300, 350, 500), (left, top, 250)))
    assert len(faces) == 2


def test_beside_two_faces_a_third_is_found_of_which_there_was_no_trace(detector, monkeypatch):
    places = (280, 290, 300, 380), (960, 150, 105, 130)
    monkeypatch.setattr(Glance, "look", lambda *_: [Sighting(box, 0.9, 0.0, 0.0) for box in places])
    found = detector.find(wall((100, 50, 700), (900, 70, 240), (900, 600, 130)))
    assert len(found) == 3


@pytest.mark.parametrize("name", SHA256)
def test_another_file_is_refused(tmp_path, name):
    for graph in SHA256:
        shutil.copy(WEIGHTS / graph, tmp_path)
    (tmp_path / name).write_bytes(b"\0")
    with pytest.raises(WeightsError, match=f"{name}.*checksum"):
        Glance(tmp_path)


@pytest.mark.parametrize("side", [-50, 50])
def test_what_no_face_can_be_costs_no_more_than_a_face(side):
    maps = np.full((4, 4, 7), -9.0, np.float32)
    maps[2, 2] = 9, side, side, 0, 0, 0, 1
    (seen,) = sightings(maps)
    blind = Blind()
    assert faces_at(Looks(blind, Budget()), wall(), seen) == []
    assert max(blind.looks) <= (LOOK, LOOK)
