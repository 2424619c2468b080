"""The measurements run and add up; how fast anything is, no test asks."""

import json
import time

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from bench import __main__ as bench
from bench import (
    cores,
    folder,
    further,
    levers,
    limit,
    machine,
    memory,
    photos,
    picture,
    report,
    stages,
    targets,
)
from bench.report import Table
from model import photo
from model.estimator import Estimator
from model.stages import listeners


@pytest.fixture(scope="module")
def faces():
    """How many faces the service finds in each photo."""
    estimator = Estimator()
    return lambda data: len(estimator.estimate(photo.decode(data)))


def test_each_photo_has_the_faces_of_its_name(faces):
    wanted = {"five faces": 5, "twenty faces": 20, "no face": 0}
    for name, data in photos.photos().items():
        assert faces(data) == wanted.get(name, 1), name
        assert len(data) < photo.MAX_BYTES


def test_a_family_has_as_many_faces_as_it_should(faces):
    for number in further.FACES:
        assert faces(photos.encode(photos.family(number))) == number


def test_the_stages_are_shares_of_the_whole():
    before = list(listeners)
    median, slow, share = stages.measure(1, ["1 MP JPEG", "no face"])
    assert [row["photo"] for row in share.rows] == ["1 MP JPEG", "no face"]
    for row in share.rows:
        assert sum(row[stage] for stage in stages.ORDER) == pytest.approx(1, abs=0.005)
        assert row["receive"] > 0
        assert row["decode"] > 0
    portrait, empty = share.rows
    assert portrait["infer"] > 0.02
    assert empty["infer"] == 0
    assert median.rows == slow.rows  # of one request
    assert listeners == before


def test_a_further_face_costs_the_sum_of_its_stages():
    (table,) = further.measure(1)
    cost = {row["stage"]: row["ms a face"] for row in table.rows}
    assert sum(cost[stage] for stage in stages.ORDER) == pytest.approx(cost["whole"], abs=0.05)
    assert cost["the network alone"] > 0


def test_each_lever_does_the_same_work_without():
    estimator = Estimator()
    small, full = (
        photo.decode(photos.photos()["12 MP JPEG"]),
        levers.whole(photos.photos()["12 MP JPEG"]),
    )
    assert full.pixels.shape > small.pixels.shape
    assert [face.gender for face in estimator.estimate(full)] == ["Female"]
    chips = np.random.default_rng(0).integers(0, 256, (2, 160, 160, 3), np.uint8)
    ages, _ = estimator._engine.run(chips)
    logits, _ = levers.float32()(chips)
    assert (abs(logits.argmax(axis=1) - ages.argmax(axis=1)) <= 3).all()
    (table,) = levers.measure(1)
    assert all(row["without, ms"] > 0 for row in table.rows)


def test_a_folder_is_done_by_one_and_by_all():
    (table,) = folder.measure(4)
    assert [row["workers"] for row in table.rows] == sorted({1, len(machine.CORES)})
    assert all(row["seconds"] > 0 for row in table.rows)


def test_the_picture_of_a_report(tmp_path):
    report.save(stages.measure(1, ["no face"]), machine.words(), tmp_path)
    picture.draw(tmp_path / "report.json", tmp_path / "stages.png")
    with Image.open(tmp_path / "stages.png") as drawn:
        assert drawn.width > 800


def test_a_core_gets_through_faces():
    assert cores.faces(machine.SERVICE, 1, begin=0, seconds=time.time() + 0.2) > 0


def test_a_photo_that_is_refused_is_no_measurement():
    with stages.service() as app, pytest.raises(RuntimeError, match="422"):
        stages.asking(app, photos.photos()["1 MP JPEG"][:5000])()


def test_multiply_adds_are_counted_by_hand():
    """A convolution of 3x3 over 2 of 4 channels in two groups, then a dense layer."""
    weights = {"w": (6, 2, 3, 3), "d": (6, 5)}
    model = helper.make_model(
        helper.make_graph(
            [
                helper.make_node("Conv", ["x", "w"], ["y"], group=2, strides=[2, 2]),
                helper.make_node("GlobalAveragePool", ["y"], ["p"]),
                helper.make_node("Flatten", ["p"], ["f"]),
                helper.make_node("Gemm", ["f", "d"], ["out"]),
            ],
            "by hand",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 4, 9, 7])],
            [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["n", 5])],
            [numpy_helper.from_array(np.zeros(v, np.float32), k) for k, v in weights.items()],
        ),
        opset_imports=[helper.make_opsetid("", 15)],
    )
    onnx.checker.check_model(model)
    assert limit.macs(model) == (6 * 4 * 3) * (2 * 3 * 3) + 6 * 5


def test_a_product_multiplies():
    for kinds in ((np.uint8, np.int8), (np.float32, np.float32)):
        count, work = limit.product(*kinds)
        (result,) = work()
        assert count == result.size * limit.SIDE
        assert result.any()


def test_the_service_starts_and_is_gone_again():
    assert memory.start() > 0


def test_targets_are_missed_and_met():
    rows = [{"what": "start", "median": 3.5}, {"what": "respawn", "median": 0.1}]
    (table,) = targets.compare([Table("Start, seconds", "", rows)])
    assert [row[""] for row in table.rows] == ["**missed**", "met"]
    assert targets.compare([]) == []


def test_what_is_printed_is_saved(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["bench", "--quick", "--only", "limit", "--out", str(tmp_path)])
    bench.main()
    printed, saved = capsys.readouterr().out, (tmp_path / "report.md").read_text()
    assert "int8 matrix product" in printed
    assert saved.endswith(printed.rstrip("\n") + "\n")
    facts = json.loads((tmp_path / "report.json").read_text())
    assert facts["machine"]["processor"] in saved
    wanted, measured = facts["tables"]
    assert wanted["rows"][0]["figure"] == "network, times its limit"
    assert {"work", "ms", "ratio"} <= set(measured["rows"][0])
