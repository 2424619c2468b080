import numpy as np
import pytest
from PIL import Image, ImageEnhance
from skimage import data

from model import chip
from model.engine import WeightsError
from model.faces import FaceFinder
from model.photo import decode


@pytest.fixture(scope="module")
def finder():
    return FaceFinder()


def test_finds_and_aligns_the_face(finder, astronaut):
    (face,) = finder.find(astronaut)
    left, top, width, height = face.box
    assert 160 < left < 200
    assert 50 < top < 90
    assert 60 < width < 110
    assert 90 < height < 140
    assert face.score > 0.6
    assert face.chip.shape == (chip.CHIP_SIZE, chip.CHIP_SIZE, 3)
    assert face.chip.dtype == np.uint8
    assert face.landmarks.shape == (5, 2)
    inside = (face.landmarks > (left, top)) & (face.landmarks < (left + width, top + height))
    assert inside.all()
    right_eye, left_eye, nose = face.landmarks[0], face.landmarks[2], face.landmarks[4]
    assert right_eye[0] > nose[0] > left_eye[0]
    assert nose[1] > max(right_eye[1], left_eye[1])


def test_alignment_turns_the_face_upright(finder, astronaut):
    upright = finder.find(astronaut)[0].chip.astype(int)
    tilted = np.asarray(Image.fromarray(astronaut).rotate(20, Image.Resampling.BICUBIC))
    again = finder.find(tilted)[0].chip.astype(int)
    centre = slice(40, 120)
    assert np.abs(upright - again)[centre, centre].mean() < 15


@pytest.mark.parametrize(
    "change",
    [
        lambda im: im.rotate(30, expand=True),
        lambda im: ImageEnhance.Brightness(im).enhance(0.25),
        lambda im: im.resize((170, 170)),
        lambda im: im.crop((160, 40, 300, 200)),
        lambda im: im.transform((512, 512), Image.Transform.AFFINE, (1, 0.3, -60, 0, 1, 0)),
    ],
    ids=["tilted", "dark", "small", "close", "sheared"],
)
def test_finds_a_face_in_a_difficult_photo(finder, astronaut, change):
    assert len(finder.find(np.asarray(change(Image.fromarray(astronaut))))) == 1


def test_finds_all_of_a_group_the_largest_first(finder, group):
    data, centres = group
    found = finder.find(decode(data).pixels)
    assert len(found) == 5
    areas = [face.box[2] * face.box[3] for face in found]
    assert areas == sorted(areas, reverse=True)
    places = np.array([(f.box[0] + f.box[2] / 2, f.box[1] + f.box[3] / 2) for f in found])
    distances = np.linalg.norm(places[:, None] - centres, axis=2)
    assert sorted(distances.argmin(axis=1)) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    "name", ["coffee", "grass", "gravel", "hubble_deep_field", "rocket", "chelsea", "moon", "page"]
)
def test_finds_no_face_where_there_is_none(finder, name):
    pixels = getattr(data, name)()
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    assert finder.find(pixels) == []


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (7, 5)])
def test_tiny_photos_have_no_face(finder, shape):
    assert finder.find(np.full((*shape, 3), 128, np.uint8)) == []


def test_a_missing_model_file_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr("model.packaged.find_spec", lambda _: None)
    with pytest.raises(WeightsError, match=r"make \.venv/serving"):
        FaceFinder()
