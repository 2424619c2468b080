from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from deploy.testing.photos import encode
from model import photo
from model.centerface import STRIDE
from model.detector import LOOK
from model.estimator import Estimator


@pytest.fixture(scope="module")
def estimator():
    return Estimator()


def test_estimates_a_known_portrait(estimator, portrait):
    (face,) = estimator.estimate(photo.decode(portrait))
    assert 25 <= face.age <= 45  # she was 35
    assert face.gender == "Female"
    assert face.gender_confidence > 0.8
    low, high = face.age_range
    assert 0 <= low < face.age < high <= 100


def test_no_face_is_an_empty_list(estimator, landscape):
    assert estimator.estimate(photo.decode(landscape)) == []


def test_all_faces_of_a_group_the_largest_first(estimator, group):
    faces = estimator.estimate(photo.decode(group[0]))
    assert len(faces) == 5
    assert faces[0].box[2] > faces[-1].box[2]
    ages = [face.age for face in faces]
    assert max(ages) - min(ages) < 15  # one woman, five times


def test_boxes_and_sizes_are_in_pixels_of_the_photo_as_sent(estimator, astronaut):
    (small,) = estimator.estimate(photo.decode(encode(astronaut)))
    large = Image.fromarray(astronaut).resize((4096, 4096), Image.Resampling.BICUBIC)
    (face,) = estimator.estimate(photo.decode(encode(large)))
    cell = STRIDE * 512 / LOOK  # the detector's resolution; its input differs slightly
    assert np.allclose(np.array(face.box) / 8, small.box, atol=1.5 * cell)
    assert np.allclose(face.landmarks / 8, small.landmarks, atol=4)
    assert face.quality.size == min(face.box[2:])


def test_is_safe_to_share_between_threads(estimator, portrait, group):
    photos = [photo.decode(portrait), photo.decode(group[0])] * 8
    alone = [[face.age for face in estimator.estimate(item)] for item in photos]
    with ThreadPoolExecutor(4) as pool:
        together = [[face.age for face in faces] for faces in pool.map(estimator.estimate, photos)]
    assert together == alone


def test_the_keras_model_and_the_exported_graph_agree(estimator, portrait, group):
    reference = Estimator("keras")
    for data in (portrait, group[0]):
        ours, theirs = (e.estimate(photo.decode(data)) for e in (estimator, reference))
        assert [face.gender for face in ours] == [face.gender for face in theirs]
        ages = np.array([[a.age, b.age] for a, b in zip(ours, theirs, strict=True)])
        assert np.abs(ages[:, 0] - ages[:, 1]).max() < 2.5


def test_a_child_is_noted_because_its_gender_is_hard_to_tell(estimator, portrait):
    (face,) = estimator.estimate(photo.decode(portrait))
    assert face.notes() == []
    assert replace(face, age=12.9).notes() == ["child"]
    dark = replace(face.quality, brightness=10)
    assert replace(face, age=3.0, quality=dark).notes() == ["dark", "child"]


@pytest.mark.parametrize(("female", "shown"), [(1.0, 0.99), (0.0, 0.99), (0.3, 0.7), (0.5, 0.5)])
def test_no_gender_is_certain(estimator, portrait, female, shown):
    (face,) = estimator.estimate(photo.decode(portrait))
    assert replace(face, female=female).gender_confidence == pytest.approx(shown)
