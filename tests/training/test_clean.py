import numpy as np
import pytest

from model.chip import CHIP_SIZE
from model.faces import Detection
from training import clean
from training.datasets import Record


def record(tmp_path, **changes):
    defaults = {"age_low": 30, "age_high": 30, "gender": 1, "source": "imdb"}
    return Record(tmp_path / "a.jpg", **{**defaults, **changes})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"age_low": None, "age_high": None}, "age unknown"),
        ({"age_low": -1, "age_high": -1}, "age absurd"),
        ({"age_low": 101, "age_high": 101}, "age absurd"),
        ({"face_score": float("-inf")}, "no or weak face"),
        ({"face_score": 0.9}, "no or weak face"),
        ({"face_score": 2.0, "second_face_score": 1.0}, "second face"),
        ({"gender": None}, "gender unknown"),
        ({"age_low": None, "problem": "no label in its name"}, "no label in its name"),
    ],
)
def test_records_with_unusable_labels_are_removed(tmp_path, changes, reason):
    good = record(tmp_path, face_score=2.0)
    bad = record(tmp_path, **changes)
    assert clean.by_label([bad, good]) == ([good], [(bad, reason)])


def test_the_youngest_the_oldest_and_data_sets_without_genders_are_kept(tmp_path):
    records = [record(tmp_path, age_low=age, age_high=age) for age in (0, 100)]
    records.append(record(tmp_path, source="fg-net", gender=None))
    assert clean.by_label(records) == (records, [])


def face(side):
    box, points = (0, 0, side, side * 1.2), np.zeros((5, 2))
    chip = np.zeros((CHIP_SIZE, CHIP_SIZE, 3))
    return Detection(box, points, chip, score=0.9, roll=0.0, beyond=0.0)


def test_a_photo_needs_one_large_face():
    assert clean.by_faces([]) == "no face"
    assert clean.by_faces([face(19)]) == "tiny face"
    assert clean.by_faces([face(19)], scale=2.0) is None
    assert clean.by_faces([face(100), face(80)]) == "no dominant face"
    assert clean.by_faces([face(100), face(70), face(69)]) is None
