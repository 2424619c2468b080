import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from model import chip
from model.engine import FILES, WEIGHTS, WeightsError, metadata, open_engine
from model.estimator import Estimator
from tests.reliability import models
from tests.reliability.faults import flip_a_bit


@pytest.fixture
def weights(tmp_path):
    """A copy of the shipped weights, for tests that damage them."""
    for name in ("model.json", FILES["onnx"]):
        shutil.copy(WEIGHTS / name, tmp_path / name)
    return tmp_path


def test_answers_are_probabilities_for_any_number_of_chips():
    engine = open_engine()
    for count in (1, 3):
        ages, female = engine.run(np.full((count, *[chip.CHIP_SIZE] * 2, 3), 127, np.uint8))
        assert ages.shape == (count, 101)
        assert female.shape == (count,)
        assert np.allclose(ages.sum(axis=1), 1, atol=1e-5)
        assert ((female >= 0) & (female <= 1)).all()


def test_refuses_weights_whose_checksum_differs(weights):
    path = weights / FILES["onnx"]
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(WeightsError, match="checksum"):
        open_engine("onnx", weights)


def test_refuses_a_missing_file(weights):
    (weights / FILES["onnx"]).unlink()
    with pytest.raises(WeightsError, match="cannot read"):
        open_engine("onnx", weights)


@pytest.mark.parametrize("file", models.PACKAGED.items(), ids=lambda file: file[0])
@pytest.mark.parametrize("harm", [flip_a_bit, Path.unlink])
def test_refuses_a_damaged_detector_or_landmark_model(tmp_path, monkeypatch, file, harm):
    models.copy(tmp_path)
    monkeypatch.syspath_prepend(tmp_path / "packages")
    Estimator()
    harm(tmp_path / "packages" / Path(*file))
    with pytest.raises(WeightsError, match=f"{Path(file[1]).name}.*(checksum differs|is missing)"):
        Estimator()


def test_refuses_missing_metadata(tmp_path):
    with pytest.raises(WeightsError, match=r"model\.json"):
        metadata(tmp_path)


def rewrite(weights, **changes):
    facts = json.loads((weights / "model.json").read_text()) | changes
    (weights / "model.json").write_text(json.dumps(facts))


def test_refuses_weights_made_for_other_chips(weights):
    rewrite(weights, chip=chip.FACTS | {"padding": 0.25})
    with pytest.raises(WeightsError, match="padding"):
        metadata(weights)


def test_the_self_test_notices_wrong_answers(weights):
    rewrite(weights, self_test={"age": 99.0})
    with pytest.raises(WeightsError, match="self-test"):
        Estimator("onnx", weights)


def test_serving_imports_no_training_framework():
    code = "import sys, app.wsgi; print({'keras', 'tensorflow', 'torch', 'jax'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
