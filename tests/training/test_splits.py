from collections import Counter

import numpy as np
import pytest

from training import splits
from training.datasets import Record


@pytest.fixture
def records(tmp_path):
    return [
        Record(tmp_path / f"{i}.jpg", age, age, 0, source)
        for source in ("utkface", "aaf")
        for i in range(2000)
        for age in [95 if i % 50 == 0 else i % 40]
    ]


def validation(records):
    sides = zip(records, splits.split(records), strict=True)
    return {record.key for record, side in sides if side == "validation"}


def test_validation_has_its_share_of_each_band_of_each_data_set(records):
    chosen = validation(records)
    photos = Counter((r.source, r.age_low // 10) for r in records)
    held = Counter((r.source, r.age_low // 10) for r in records if r.key in chosen)
    for stratum, count in photos.items():
        assert abs(held[stratum] - 0.05 * count) <= 0.5


def test_neither_order_nor_folder_nor_other_data_sets_matter(records, tmp_path):
    moved = [Record(tmp_path / "b" / r.path.name, r.age_low, r.age_high, 0, r.source)
             for r in reversed(records) if r.source == "aaf"]  # fmt: skip
    assert validation(moved) == {key for key in validation(records) if key.startswith("aaf")}
    checksum = splits.checksum(moved, splits.split(moved))
    assert checksum == splits.checksum(moved[::-1], splits.split(moved[::-1]))
    assert checksum != splits.checksum(moved, splits.split(moved, 0.1))


def test_a_person_is_on_one_side(tmp_path):
    photos = [
        Record(tmp_path / f"{i}.jpg", 20 + i % 7, 20 + i % 7, 1, "imdb", identity=str(i // 8))
        for i in range(4000)
    ]
    sides = splits.split(photos)
    people = {(photo.identity, side) for photo, side in zip(photos, sides, strict=True)}
    assert len(people) == 500
    assert sides.count("validation") == pytest.approx(200, abs=4)


def test_validation_has_two_halves_and_a_person_is_in_one(records, tmp_path):
    chosen = [splits.chooses(key) for key in validation(records)]
    assert 0.35 < np.mean(chosen) < 0.65
    first, second = (
        Record(tmp_path / name, 30, 30, 1, "own", identity="own/one") for name in ("a", "b")
    )
    assert splits.chooses(first.person) == splits.chooses(second.person)
