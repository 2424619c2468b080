import numpy as np
import pytest

from bench import padding
from model.chip import CHIP_PADDING
from model.faces import FaceFinder
from training.datasets import Record


def test_a_wider_chip_shows_the_same_face_smaller(tmp_path, portrait):
    path = tmp_path / "a.jpg"
    path.write_bytes(portrait)
    record = Record(path, 35, 35, 1, "own")
    finder = FaceFinder()
    near, ours, far = padding.cut(finder, record, [0.25, CHIP_PADDING, 0.6])
    (face,) = finder.find(padding.shards.pixels_of(record, portrait)[0])
    assert np.array_equal(ours, face.chip)
    inner = far[25:-25, 25:-25].mean(axis=(0, 1))  # 0.25 is 1.5 faces wide, 0.6 is 2.2
    assert np.abs(inner - near.mean(axis=(0, 1))).max() < 5


def test_a_photo_without_a_face_is_left_out(tmp_path, landscape):
    path = tmp_path / "a.jpg"
    path.write_bytes(landscape)
    assert padding.cut(FaceFinder(), Record(path, 35, 35, 1, "own"), [0.25]) is None


def test_the_probe_finds_what_features_tell():
    rng = np.random.default_rng(0)
    ages = rng.integers(0, 90, 400)
    records = [Record(None, age, age, age % 2, "own") for age in ages]
    records[0] = Record(None, 20, 29, None, "own")  # neither a year nor a gender to judge by
    learn = np.arange(400) >= 200
    told = np.stack([ages, ages % 2], axis=1) + rng.normal(0, 0.1, (400, 2))
    (judged, _), (error, _), (right, _) = padding.probe(told, records, learn)
    assert judged == 200
    assert error < 3  # the ridge pulls to the mean a little
    assert right == 1
    _, (blind, _), _ = padding.probe(rng.normal(0, 1, (400, 2)), records, learn)
    assert blind == pytest.approx(np.abs(ages - ages.mean()).mean(), rel=0.2)
