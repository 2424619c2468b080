"""train, resumed, evaluate and export on variants of one portrait, from the shipped weights."""

import json
import shutil
from importlib import import_module
from types import SimpleNamespace

import click
import keras
import numpy as np
import pytest
import tensorflow

from model import photo
from model.chip import CHIP_SIZE
from model.engine import FILES, WEIGHTS
from model.engine_onnx import OnnxEngine
from model.estimator import Estimator
from model.glance import SHA256
from training import checkpoint, data, distil, export, gate, train
from training.__main__ import COMMANDS
from training.evaluate import predict

STUDIES = [f"studies.{n}" for n in ("detector", "edges", "engines", "padding", "quality", "speed")]


@pytest.fixture(scope="module")
def command(chips, tmp_path_factory):
    """Two steps of training, the first on small chips, with a teacher."""
    per_epoch = len(data.load(chips, "train")) // 2
    return [
        "train", "--chips", chips, "--backbone", WEIGHTS / FILES["keras"], "--teacher", WEIGHTS,
        # a little more than the whole number, because the division may round down
        "--batch", 2, "--epochs", 2 / per_epoch + 1e-6, "--checkpoint-every", 1,
        "--small-size", 96, "--small-share", 0.6, "--out", tmp_path_factory.mktemp("run"),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def run(command, call):
    """Killed after the first step and resumed for the second. Compiling takes most of the time:
    only the second does, without the optimisations that pay in long runs."""
    save = checkpoint.save

    def save_and_die(*arguments):
        save(*arguments)
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoint, "save", save_and_die)
        tensorflow.config.run_functions_eagerly(True)
        with pytest.raises(click.Abort):
            call(*command)
    tensorflow.config.run_functions_eagerly(False)
    tensorflow.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    call(*command)
    tensorflow.config.optimizer.set_experimental_options({"disable_meta_optimizer": False})
    return command[-1]


@pytest.mark.parametrize("name", [*COMMANDS, *STUDIES])
def test_help_explains_every_option(name, capsys):
    command = import_module(f"training.{name}").main
    command(["--help"], standalone_mode=False)
    shown = capsys.readouterr().out
    assert shown.startswith("Usage: ")
    for option in (one for one in command.params if isinstance(one, click.Option)):
        assert option.opts[0] in shown
        assert option.help.endswith("."), option.name


def test_the_options_of_train_are_its_constants():
    constants = {name.lower(): getattr(train, name) for name in train.__annotations__}
    assert {"epochs": 4.0, "frozen": "Conv2d_", "seed": 0}.items() <= constants.items()
    options = {option.name: option.default for option in train.main.params}
    assert options.keys() == {*constants, "chips", "backbone", "out", "teacher", "restart"}
    assert constants.items() <= options.items()


def test_batch_normalisation_can_be_frozen():
    constants = {name.lower(): getattr(train, name) for name in train.__annotations__}
    backbone = {"backbone": WEIGHTS / FILES["keras"], "teacher": None}
    model = train.build(SimpleNamespace(**constants | backbone | {"frozen_norm": True}), steps=1)
    learning = {type(layer) for layer in model.layers if layer.trainable_weights}
    assert learning == {keras.layers.Conv2D, keras.layers.Dense}


def test_unknown_options_and_missing_folders_are_named(call, tmp_path):
    with pytest.raises(click.NoSuchOption, match="--learning-rat"):
        call("train", "--learning-rat", "1")
    for command in ("train", "evaluate", "export"):
        with pytest.raises(click.BadParameter, match="nowhere' does not exist"):
            call(command, "--chips", tmp_path / "nowhere")
    with pytest.raises(click.BadParameter, match="nowhere' does not exist"):
        call("train", "--chips", tmp_path, "--backbone", tmp_path / "nowhere")
    for option in ("batch=0", "checkpoint-every=0", "small-share=2", "precision=half", "size=32"):
        with pytest.raises(click.BadParameter):
            call("train", f"--{option}", "--backbone", WEIGHTS / FILES["keras"])
    with pytest.raises(click.ClickException, match=r"no .*best.npz: train first"):
        call("export", "--chips", tmp_path, "--run", tmp_path, "--version", "1.0.0")
    with pytest.raises(click.ClickException, match=r"no readable chips in .*run `prepare` first"):
        call("evaluate", "--chips", tmp_path)
    with pytest.raises(click.ClickException, match=r"no readable model.json in"):
        call("evaluate", "--chips", tmp_path, "--weights", tmp_path)


def test_a_backbone_of_another_network_is_named(call, chips, tmp_path):
    (tmp_path / "other.npz").write_bytes(b"weights")
    with pytest.raises(click.ClickException, match=r"other.npz has no weights of this network"):
        call("train", "--chips", chips, "--backbone", tmp_path / "other.npz", "--out", tmp_path)


def test_validation_has_two_halves(chips):
    whole, chooses, reports = (
        data.load(chips, split).name.tolist() for split in ("validation", "choosing", "reporting")
    )
    assert sorted(chooses + reports) == sorted(whole)
    assert len(chooses) > 0
    assert len(reports) > 0


def test_batches_depend_on_their_step_alone(chips):
    split = data.load(chips, "train")
    small, whole = 96, CHIP_SIZE
    sides = [small] * 4 + [whole] * 2
    straight = list(data.batches(split, 4, sides, seed=(1, 2), start=0))
    resumed = list(data.batches(split, 4, sides, seed=(1, 2), start=3))
    assert [pixels.shape for pixels, _ in resumed] == [(4, n, n, 3) for n in (small, whole, whole)]
    for (a, labels_a), (b, labels_b) in zip(straight[3:], resumed, strict=True):
        assert np.array_equal(a, b)
        assert np.array_equal(labels_a["age"], labels_b["age"])


def test_a_run_from_other_weights_sees_other_batches(chips, tmp_path):
    split, seeds = data.load(chips, "train"), []
    for content in (b"backbone", b"what it became"):
        (tmp_path / "weights.npz").write_bytes(content)
        seeds += [train.batch_seeds(0, tmp_path / "weights.npz")] * 2
    first, again, other, _ = (next(data.batches(split, 16, [64], seed, 0)) for seed in seeds)
    assert np.array_equal(first[0], again[0])
    assert not np.array_equal(first[0], other[0])
    assert not np.array_equal(first[1]["age"], other[1]["age"])


def test_training_resumes_where_it_stopped(run, chips):
    (last,) = checkpoint.saved(run)
    state = json.loads((last / "state.json").read_text())
    assert (state["step"], state["since"]) == (2, 1)  # the average restarted on whole chips
    assert len(list((run / "tensorboard").glob("events.*"))) == 2
    assert set(json.loads((run / "figures.json").read_text())) == {"utkface", "aaf", "fairface"}
    with np.load(run / distil.ANSWERS) as answers:
        assert answers["name"].tolist() == data.load(chips, "train").name.tolist()


def test_another_run_does_not_resume(run, command, call):
    state = checkpoint.saved(run)[-1] / "state.json"
    before = state.read_bytes()
    with pytest.raises(
        click.ClickException, match=r"another run \(batch 2, not 4; dropout 0.3, not 0"
    ):
        call(*command, "--batch", 4, "--dropout", 0.0)
    assert state.read_bytes() == before
    assert json.loads((run / checkpoint.ARGUMENTS).read_text())["batch"] == 2


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
    assert "of that, ages 21–60" in page
    assert (report / "report.png").read_bytes().startswith(b"\x89PNG")


def test_evaluate_can_measure_the_training_photos(chips, call, tmp_path):
    def photos(*options):
        call("evaluate", "--chips", chips, "--split", "train", "--out", tmp_path / "figures.json",
             *options)  # fmt: skip
        figures = json.loads((tmp_path / "figures.json").read_text())
        return sum(groups["all"]["n"] for groups in figures.values())

    assert photos() == len(data.load(chips, "train"))
    assert 8 <= photos("--faces", 8) < 16
    with pytest.raises(click.UsageError, match="nothing was chosen on"):
        photos("--report", tmp_path / "report")
    assert not (tmp_path / "report").exists()


@pytest.fixture
def shipped(tmp_path):
    """A copy of the weights that we ship, and their bytes."""
    folder = tmp_path / "weights"
    shutil.copytree(WEIGHTS, folder)
    return folder, contents(folder)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*")}


@pytest.fixture(scope="module")
def converted_once(tmp_path_factory):
    """Converting the network takes most of an export: every export here gets the same graph."""
    convert, kept = export.export_graph, tmp_path_factory.mktemp("graph") / "float32.onnx"

    def export_graph(model, path):
        if not kept.exists():
            convert(model, kept)
        shutil.copy(kept, path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export, "export_graph", export_graph)
        yield


@pytest.mark.usefixtures("converted_once")
def test_a_refused_export_changes_nothing(run, chips, call, shipped, monkeypatch):
    monkeypatch.setattr(export, "CALIBRATION", 8)
    folder, before = shipped
    with pytest.raises(click.ClickException, match=r"refused, .*no data set has 20 faces"):
        call("export", "--chips", chips, "--run", run, "--out", folder, "--version", "0.0.1")
    assert contents(folder) == before


@pytest.fixture
def larger(chips, tmp_path):
    """The chips of code that cut larger ones, in another order, and of a photo less."""
    folder = tmp_path / "larger"
    shutil.copytree(chips, folder)
    for shard in folder.glob("shards/*.npy"):
        np.save(shard, np.load(shard).repeat(2, axis=1).repeat(2, axis=2))
    first, *rows = (folder / "table.csv").read_text().splitlines(keepends=True)
    (folder / "table.csv").write_text("".join([first, *rows[:0:-1]]))
    return folder


def test_chips_of_another_size_are_refused(larger, call):
    with pytest.raises(click.ClickException, match=r"pixels, today's .*: run `prepare` again"):
        call("evaluate", "--chips", larger)


def test_shipped_weights_are_compared_on_their_own_chips(chips, larger, monkeypatch):
    class Halved(OnnxEngine):
        """Weights that want the larger chips."""

        def run(self, chips):
            return super().run(chips[:, ::2, ::2])

    monkeypatch.setattr(export, "OnnxEngine", Halved)
    compared = []
    monkeypatch.setattr(gate, "compare", lambda *given: compared.append(given) or [])
    ours = data.load(chips, "reporting")
    answers = predict(OnnxEngine(WEIGHTS / FILES["onnx"]), ours)
    export.against_shipped(ours, answers, WEIGHTS, larger)
    ((common, before, after),) = compared
    assert len(common) >= len(ours) - 1
    for old, new in zip(before, after, strict=True):
        assert np.allclose(old, new, atol=1e-6)


@pytest.mark.usefixtures("converted_once")
def test_export_writes_weights_that_serve(run, chips, call, tmp_path, monkeypatch, portrait):
    monkeypatch.setattr(export, "CALIBRATION", 8)
    # twelve validation photos are too few for the gate, which has its own tests
    call(
        "export", "--chips", chips, "--run", run, "--out", tmp_path, "--version", "0.0.1", "--force"
    )
    glance = {"GLANCE.md", *SHA256}  # from training.glance
    assert {path.name for path in tmp_path.iterdir()} == contents(WEIGHTS).keys() - glance
    estimator = Estimator("onnx", tmp_path)
    facts = estimator.facts
    assert facts["version"] == "0.0.1"
    assert any("no data set has 20 faces" in reason for reason in facts["forced"])
    card = (tmp_path / "MODEL_CARD.md").read_text()
    assert "**Exported although no data set has 20 faces" in card
    figures = facts["validation"]["utkface"]["all"]
    assert {"n", "mae", "bias", "covered", "gender"} <= figures.keys()
    row = f"|utkface|all|{figures['n']}|{figures['mae']:.2f}|"
    assert any(line.replace(" ", "").startswith(row) for line in card.splitlines())
    (face,) = estimator.estimate(photo.decode(portrait))
    assert face.gender == "Female"
    (reference,) = Estimator("keras", tmp_path).estimate(photo.decode(portrait))
    assert face.female == pytest.approx(reference.female, abs=0.05)
    noted = facts["training"]
    paths = {"chips": chips, "backbone": WEIGHTS / FILES["keras"], "out": run, "teacher": WEIGHTS}
    command = [f"--{name.replace('_', '-')}={value}" for name, value in (noted | paths).items()]
    again = train.main.make_context("train", command).params
    assert json.loads(json.dumps(again, default=lambda path: path.name)) == noted | {
        "restart": False
    }
    assert (noted["batch"], noted["small_size"], noted["seed"]) == (2, 96, 0)
