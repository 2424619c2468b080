import numpy as np
import pytest

from deploy.testing.photos import encode
from model.chip import CHIP_PADDING
from model.faces import FaceFinder
from training import shards
from training.datasets import Record
from training.studies import edges, padding


@pytest.fixture
def record(tmp_path):
    path = tmp_path / "photo"
    return lambda photo: path.write_bytes(photo) and Record(path, 35, 35, 1, "own")


def test_a_wider_chip_shows_the_same_face_smaller(record, portrait):
    finder = FaceFinder()
    near, ours, far = padding.crops(finder, record(portrait), [0.25, CHIP_PADDING, 0.6])
    (face,) = finder.find(shards.pixels_of(record(portrait), portrait)[0])
    assert np.array_equal(ours, face.chip)
    inner = far[25:-25, 25:-25].mean(axis=(0, 1))  # 0.25 is 1.5 faces wide, 0.6 is 2.2
    assert np.abs(inner - near.mean(axis=(0, 1))).max() < 5


def test_black_and_repeated_pixels_differ_only_beyond_the_edge(record, astronaut):
    photos = astronaut, astronaut[60:176, 181:268]
    (black, ours), (tight_black, tight_ours) = (
        edges.crops(FaceFinder(), record(encode(photo))) for photo in photos
    )
    assert np.array_equal(black, ours)
    assert (tight_black.max(axis=2) == 0).mean() > 0.3
    assert (tight_ours.max(axis=2) == 0).mean() < 0.01


def test_a_photo_without_a_face_is_left_out(record, landscape):
    assert padding.crops(FaceFinder(), record(landscape), [0.25]) is None
    assert edges.crops(FaceFinder(), record(landscape)) is None


def test_the_probe_learns_only_what_the_features_tell():
    rng = np.random.default_rng(0)
    ages = rng.integers(0, 90, 400)
    records = [Record(None, age, age, age % 2, "own") for age in ages]
    records[0] = Record(None, 20, 29, None, "own")  # no exact age, no gender
    train = np.arange(400) >= 200
    features = np.stack([ages, ages % 2], axis=1) + rng.normal(0, 0.1, (400, 2))
    count, error, right = padding.probe(features, records, train)
    assert count == 200
    assert error < 3  # ridge regression pulls to the mean a little
    assert right == 1
    _, blind, _ = padding.probe(rng.normal(0, 1, (400, 2)), records, train)
    assert blind == pytest.approx(np.abs(ages - ages.mean()).mean(), rel=0.2)
