import click
import numpy as np
import pytest

from model.engine import WEIGHTS, WeightsError, open_engine
from training import data, distil


def test_a_range_rules_out_the_years_beyond_it():
    flat, certain = np.full((3, 101), 1 / 101, np.float32), np.eye(101, dtype=np.float32)[[50]]
    labels = np.float32([[20, 29], [70, 100], [33, 33]])
    found = distil.within(labels, flat)
    assert found.sum(axis=1) == pytest.approx(1)
    assert np.flatnonzero(found[0]).tolist() == list(range(20, 30))
    assert np.flatnonzero(found[1]).tolist() == list(range(70, 101))
    assert found[2] == pytest.approx(flat[0])
    (contradicted,) = distil.within(labels[:1], certain)
    assert contradicted.sum() == pytest.approx(1)
    assert contradicted[20:30].min() > 0


def test_answers_average_the_face_and_its_mirror_image(chips, tmp_path):
    split = data.load(chips, "validation")
    found = distil.answers(WEIGHTS, split, tmp_path)
    pixels = split.batch(np.arange(len(split)))
    views = [open_engine().run(view) for view in (pixels, pixels[:, :, ::-1])]
    assert np.abs(views[0][0] - views[1][0]).max() > 0.001
    exact = split.exact
    assert found["age"][exact] == pytest.approx((views[0][0] + views[1][0])[exact] / 2, abs=1e-4)
    assert found["gender"][:, 0] == pytest.approx((views[0][1] + views[1][1]) / 2, abs=1e-4)


def test_answers_are_computed_once(chips, tmp_path):
    nowhere, run, split = tmp_path / "nowhere", tmp_path / "run", data.load(chips, "validation")
    first = distil.answers(WEIGHTS, split, run)
    assert np.array_equal(distil.answers(nowhere, split, run)["age"], first["age"])
    with pytest.raises(click.ClickException, match="other chips"):
        distil.answers(nowhere, data.load(chips, "train"), run)
    with pytest.raises(WeightsError):
        distil.answers(nowhere, split, tmp_path / "another")
