"""prepare, train, a resumed train, evaluate and export, as the command line runs them: on
variants of one portrait, from the shipped weights, into a folder that then serves."""

import json
from argparse import Namespace

import numpy as np
import pytest

from model import photo
from model.engine import FILES, WEIGHTS
from model.estimator import Estimator
from training import data, distil, export, train
from training.__main__ import COMMANDS


@pytest.fixture(scope="module")
def run(tmp_path_factory, chips, call):
    """A run of one step on small chips, then resumed for a second on whole ones, each with its
    validation."""
    folder = tmp_path_factory.mktemp("run")
    common = ("--chips", chips, "--backbone", WEIGHTS / FILES["keras"], "--out", folder)
    per_epoch = len(data.load(chips, "train")) // 2
    for steps in (1, 2):
        # a hair more than the whole number, because the division may round down
        call("train", *common, "--batch", 2, "--epochs", steps / per_epoch + 1e-6,
             "--small-size", 96, "--small-share", 0.6)  # fmt: skip
    return folder


def test_help_names_every_command(call, capsys):
    for arguments in (["--help"], *([name, "--help"] for name in COMMANDS)):
        with pytest.raises(SystemExit) as done:
            call(*arguments)
        assert done.value.code == 0
        assert "usage: python -m training" in capsys.readouterr().out


def test_batches_depend_on_their_step_alone(chips):
    split = data.load(chips, "train")
    sides = [128] * 4 + [160] * 2
    straight = list(data.batches(split, 4, sides, seed=(1, 2), start=0))
    resumed = list(data.batches(split, 4, sides, seed=(1, 2), start=3))
    assert [pixels.shape for pixels, _ in resumed] == [(4, n, n, 3) for n in (128, 160, 160)]
    for (a, labels_a), (b, labels_b) in zip(straight[3:], resumed, strict=True):
        assert np.array_equal(a, b)
        assert np.array_equal(labels_a["age"], labels_b["age"])


def test_a_run_from_other_weights_sees_other_batches(chips, tmp_path):
    split, seeds = data.load(chips, "train"), []
    for content in (b"backbone", b"what it became"):
        (tmp_path / "weights.npz").write_bytes(content)
        seeds += [train.seed(Namespace(seed=0, backbone=tmp_path / "weights.npz"))] * 2
    first, again, other, _ = (next(data.batches(split, 16, [64], seed, 0)) for seed in seeds)
    assert np.array_equal(first[0], again[0])
    assert not np.array_equal(first[0], other[0])
    assert not np.array_equal(first[1]["age"], other[1]["age"])


def test_training_resumes_where_it_stopped(run, call, chips, capsys):
    call("train", "--chips", chips, "--backbone", WEIGHTS / FILES["keras"], "--out", run,
         "--batch", 2, "--epochs", 2 / (len(data.load(chips, "train")) // 2) + 1e-6)  # fmt: skip
    assert "2 of them done" in capsys.readouterr().out
    assert list((run / "tensorboard").glob("events.*"))
    assert set(json.loads((run / "figures.json").read_text())) == {"utkface", "aaf", "fairface"}


def test_weights_can_teach(call, chips, tmp_path, capsys):
    call("train", "--chips", chips, "--backbone", WEIGHTS / FILES["keras"], "--out", tmp_path,
         "--teacher", WEIGHTS, "--batch", 2, "--size", 96,
         "--epochs", 1 / (len(data.load(chips, "train")) // 2) + 1e-6)  # fmt: skip
    assert "step 1: validation MAE" in capsys.readouterr().out
    assert (tmp_path / distil.ANSWERS).exists()


def test_an_unknown_option_is_refused(call, chips, capsys):
    with pytest.raises(SystemExit):
        call("train", "--chips", chips, "--backbone", "none.npz", "--learning-rat", "1")
    assert "unrecognized arguments: --learning-rat" in capsys.readouterr().err


def test_evaluate_measures_the_shipped_weights(chips, call, tmp_path, capsys):
    report = tmp_path / "report"
    call("evaluate", "--chips", chips, "--out", tmp_path / "figures.json", "--report", report)
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert set(figures) <= {"utkface", "aaf", "fairface"}
    for groups in figures.values():
        assert groups["all"].get("mae", 0) < 15
        assert groups["all"]["gender"] > 0.5
    assert "MAE" in capsys.readouterr().out
    page = (report / "README.md").read_text()
    assert f"**{figures['utkface']['all']['mae']:.2f}**" in page
    assert "| of that, ages 21–60 |" in page
    assert (report / "report.png").read_bytes().startswith(b"\x89PNG")


def test_evaluate_can_look_at_what_was_learned_from(chips, call, tmp_path):
    call("evaluate", "--chips", chips, "--split", "train", "--out", tmp_path / "figures.json")
    figures = json.loads((tmp_path / "figures.json").read_text())
    learned = data.load(chips, "train")
    assert sum(groups["all"]["n"] for groups in figures.values()) == len(learned)
    call("evaluate", "--chips", chips, "--split", "train", "--faces", 8, "--out",
         tmp_path / "few.json")  # fmt: skip
    few = json.loads((tmp_path / "few.json").read_text())
    assert 8 <= sum(groups["all"]["n"] for groups in few.values()) < 16
    with pytest.raises(SystemExit, match="never saw"):
        call("evaluate", "--chips", chips, "--split", "train", "--report", tmp_path / "report")
    assert not (tmp_path / "report").exists()


def test_export_writes_weights_that_serve(run, chips, call, tmp_path, monkeypatch, portrait):
    monkeypatch.setattr(export, "CALIBRATION", 8)
    # three validation photos are too few for the real bounds; `gate` has its own test
    monkeypatch.setattr(export, "MAX_LOSS_YEARS", 5)
    monkeypatch.setattr(export, "MAX_LOSS_GENDER", 1)
    call("export", "--chips", chips, "--run", run, "--out", tmp_path, "--version", "0.0.1")
    estimator = Estimator("onnx", tmp_path)
    assert estimator.facts["version"] == "0.0.1"
    card = (tmp_path / "MODEL_CARD.md").read_text()
    assert f"| utkface | all | {estimator.facts['validation']['utkface']['all']['n']} |" in card
    (face,) = estimator.estimate(photo.decode(portrait))
    assert face.gender == "Female"


@pytest.mark.parametrize(("mae", "gender"), [(4.2, 0.96), (4.0, 0.9)])
def test_a_graph_that_lost_accuracy_is_refused(mae, gender):
    def figures(mae, gender):
        return {"aaf": {"all": {"n": 100, "mae": mae, "gender": gender}}}

    before = figures(4.0, 0.96)
    with pytest.raises(SystemExit, match="refused"):
        export.gate(before, figures(mae, gender))
    export.gate(before, figures(4.04, 0.9595))
