"""prepare, train, a resumed train, evaluate and export, as the command line runs them: on
variants of one portrait, from the shipped weights, into a folder that then serves."""

import csv
import json
import sys

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from model import photo
from model.engine import FILES, WEIGHTS
from model.estimator import Estimator
from tests.conftest import encode
from training import data, export, prepare
from training.__main__ import COMMANDS, main

PHOTOS, RANGED = 40, 8  # labelled with a year, with a range


@pytest.fixture(scope="module")
def call():
    def call(*arguments):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["training", *map(str, arguments)])
            main()

    return call


@pytest.fixture(scope="module")
def raw(tmp_path_factory, astronaut):
    """Photos named as UTKFace's and All-Age-Faces', one of them without a face."""
    folder = tmp_path_factory.mktemp("raw")
    portrait = Image.fromarray(astronaut)
    for i in range(PHOTOS):
        variant = ImageEnhance.Brightness(portrait.rotate(i - 20)).enhance(0.6 + i / 50)
        name = f"{30 + i % 10}_1_0_{i}.jpg.chip.jpg" if i % 2 else f"{i:05d}A{30 + i % 10}.jpg"
        (folder / name).write_bytes(encode(variant))
    (folder / "fairface").mkdir()
    labels = ["file,age,gender,race"]
    for i in range(RANGED):
        (folder / "fairface" / f"{i}.jpg").write_bytes(encode(portrait.rotate(i - 4)))
        labels.append(f"{i}.jpg,30-39,Female,White")
    (folder / "fairface" / "labels.csv").write_text("\n".join(labels))
    (folder / "00999A30.jpg").write_bytes(encode(Image.new("RGB", (64, 64))))
    (folder / "00998A30.jpg").write_bytes(b"not a photo")
    return folder


@pytest.fixture(scope="module")
def chips(tmp_path_factory, raw, call):
    folder = tmp_path_factory.mktemp("chips")
    call(
        "prepare",
        "--utkface",
        raw,
        "--aaf",
        raw,
        "--fairface",
        raw / "fairface",
        "--out",
        folder,
        "--workers",
        2,
    )
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory, chips, call):
    """A run of one step, then resumed for a second."""
    folder = tmp_path_factory.mktemp("run")
    common = ("--chips", chips, "--backbone", WEIGHTS / FILES["keras"], "--out", folder)
    per_epoch = len(data.load(chips, "train")) // 2
    for steps in (1, 2):
        # a hair more than the whole number, because the division may round down
        call("train", *common, "--batch", 2, "--epochs", steps / per_epoch + 1e-6)
    return folder


def test_help_names_every_command(call, capsys):
    for arguments in (["--help"], *([name, "--help"] for name in COMMANDS)):
        with pytest.raises(SystemExit) as done:
            call(*arguments)
        assert done.value.code == 0
        assert "usage: python -m training" in capsys.readouterr().out


def test_prepare_writes_a_chip_a_row_and_drops_what_has_no_face(chips):
    with (chips / "table.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    pixels = np.load(chips / "chips.npy")
    assert pixels.shape == (PHOTOS + RANGED, 160, 160, 3)
    assert len(table) == PHOTOS + RANGED
    assert {row["source"] for row in table} == {"utkface", "aaf", "fairface"}
    assert {row["split"] for row in table} == {"train", "validation"}
    assert pixels.std(axis=(1, 2, 3)).min() > 10


def test_prepare_without_photos_says_so(call, tmp_path):
    with pytest.raises(SystemExit, match="no photos"):
        call("prepare", "--aaf", tmp_path, "--out", tmp_path)


def test_batches_depend_on_their_step_alone(chips):
    split = data.load(chips, "train")
    straight = list(data.batches(split, 4, seed=1, start=0, end=6))
    resumed = list(data.batches(split, 4, seed=1, start=3, end=6))
    for (a, labels_a), (b, labels_b) in zip(straight[3:], resumed, strict=True):
        assert np.array_equal(a, b)
        assert np.array_equal(labels_a["age"], labels_b["age"])


def test_training_resumes_where_it_stopped(run, call, chips, capsys):
    call("train", "--chips", chips, "--backbone", WEIGHTS / FILES["keras"], "--out", run,
         "--batch", 2, "--epochs", 2 / (len(data.load(chips, "train")) // 2) + 1e-6)  # fmt: skip
    assert "2 of them done" in capsys.readouterr().out


def test_evaluate_measures_the_shipped_weights(chips, call, tmp_path, capsys):
    call("evaluate", "--chips", chips, "--out", tmp_path / "figures.json")
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert set(figures) <= {"utkface", "aaf", "fairface"}
    for groups in figures.values():
        assert groups["all"].get("mae", 0) < 15
        assert groups["all"]["gender"] > 0.5
    assert "MAE" in capsys.readouterr().out


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
    export.gate(before, figures(4.04, 0.959))


def test_the_split_is_the_same_on_every_machine(tmp_path):
    records = [prepare.Record(tmp_path / f"{i}.jpg", 30, 30, 0, "aaf") for i in range(2000)]
    share = sum(prepare.split_of(record) == "validation" for record in records) / 2000
    assert 0.06 < share < 0.10
    assert prepare.split_of(records[0]) == prepare.split_of(
        prepare.Record(tmp_path / "elsewhere" / "0.jpg", 1, 1, 1, "aaf")
    )
