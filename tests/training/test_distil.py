import shutil

import numpy as np
import pytest

from model.engine import WEIGHTS, WeightsError, open_engine
from training import data, distil


def test_a_range_rules_out_the_years_beyond_it():
    flat = np.full((3, 101), 1 / 101, np.float32)
    sure = np.zeros(101, np.float32)
    sure[50] = 1
    labels = np.float32([[20, 29], [70, 100], [33, 33]])
    decade, old, exact = distil.within(labels, flat)
    assert np.flatnonzero(decade).tolist() == list(range(20, 30))
    assert np.flatnonzero(old).tolist() == list(range(70, 101))
    assert decade.sum() == pytest.approx(1)
    assert old.sum() == pytest.approx(1)
    assert exact == pytest.approx(flat[0])
    contradicted = distil.within(labels[:1], sure[None])[0]
    assert contradicted.sum() == pytest.approx(1)
    assert contradicted[20:30].min() > 0


def test_answers_are_those_for_the_face_and_its_mirror_image(chips, tmp_path):
    split = data.load(chips, "validation")
    found = distil.answers(WEIGHTS, split, tmp_path)
    pixels = split.batch(np.arange(len(split)))
    views = [open_engine().run(view) for view in (pixels, pixels[:, :, ::-1])]
    assert np.abs(views[0][0] - views[1][0]).max() > 0.001  # the mirror image is another
    exact = split.exact
    assert found["age"][exact] == pytest.approx((views[0][0] + views[1][0])[exact] / 2, abs=1e-4)
    assert found["gender"][:, 0] == pytest.approx((views[0][1] + views[1][1]) / 2, abs=1e-4)


def test_answers_are_asked_for_once(chips, tmp_path):
    weights, run = tmp_path / "weights", tmp_path / "run"
    shutil.copytree(WEIGHTS, weights)
    split = data.load(chips, "validation")
    first = distil.answers(weights, split, run)
    shutil.rmtree(weights)
    assert np.array_equal(distil.answers(weights, split, run)["age"], first["age"])
    with pytest.raises(SystemExit, match="other chips"):
        distil.answers(weights, data.load(chips, "train"), run)
    with pytest.raises(WeightsError):
        distil.answers(weights, split, tmp_path / "another")
