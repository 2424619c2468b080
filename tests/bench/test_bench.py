"""The measurements run and their figures add up. No test asserts a speed."""

import json

import numpy as np
import onnx
import pytest
from click.testing import CliRunner
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from bench import ablations, chart, folder, machine, memory, per_face, photos, pipeline, roofline
from bench.__main__ import main
from bench.scaling import faces as estimated_faces
from bench.tables import Table, save
from bench.targets import compare
from model import photo
from model.chip import CHIP_SIZE
from model.estimator import Estimator


def test_each_photo_has_as_many_faces_as_its_name_says():
    expected = {"five faces": 5, "twenty faces": 20, "no face": 0, "no face, rocket": 0}
    families = {number: photos.encode(photos.family(number)) for number in per_face.FACES}
    estimator = Estimator()
    for name, data in (photos.photos() | families).items():
        number = name if name in families else expected.get(name, 1)
        assert len(estimator.estimate(photo.decode(data))) == number, name
        assert len(data) < photo.MAX_BYTES


def test_the_stages_are_shares_of_the_whole():
    median, slow, share = pipeline.measure(1, ["1 MP JPEG", "no face"])
    assert [row["photo"] for row in share.rows] == ["1 MP JPEG", "no face"]
    for row in share.rows:
        assert sum(row[stage] for stage in pipeline.ORDER) == pytest.approx(1, abs=0.005)
        assert min(row["receive"], row["decode"]) > 0
    portrait, empty = share.rows
    assert portrait["infer"] > 0
    assert empty["infer"] == 0
    assert median.rows == slow.rows  # one request


def test_an_additional_face_costs_the_sum_of_its_stages():
    (table,) = per_face.measure(1)
    cost = {row["stage"]: row["ms per face"] for row in table.rows}
    assert sum(cost[stage] for stage in pipeline.ORDER) == pytest.approx(cost["whole"], abs=0.05)
    assert cost["the network alone"] > 0


def test_each_ablation_does_the_same_work():
    estimator = Estimator()
    jpeg = photos.photos()["12 MP JPEG"]
    small, full = photo.decode(jpeg), ablations.decode_whole(jpeg)
    assert full.pixels.shape > small.pixels.shape
    assert [face.gender for face in estimator.estimate(full)] == ["Female"]
    chips = np.random.default_rng(0).integers(0, 256, (2, CHIP_SIZE, CHIP_SIZE, 3), np.uint8)
    ages, _ = estimator._engine.run(chips)
    logits, _ = ablations.float32()(chips)
    assert (abs(logits.argmax(axis=1) - ages.argmax(axis=1)) <= 3).all()
    (table,) = ablations.measure(1)
    assert all(row["without, ms"] > 0 for row in table.rows)


def test_a_folder_is_estimated_by_one_worker_and_by_all():
    (table,) = folder.measure(4)
    assert [row["workers"] for row in table.rows] == sorted({1, len(machine.CORES)})
    assert all(row["seconds"] > 0 for row in table.rows)


def test_a_report_is_drawn(tmp_path):
    save(pipeline.measure(1, ["no face"]), machine.words(), tmp_path)
    chart.draw(tmp_path / "report.json", tmp_path / "stages.png")
    with Image.open(tmp_path / "stages.png") as drawn:
        assert drawn.width > 800


def test_a_core_estimates_at_least_one_face():
    assert estimated_faces(machine.SERVICE, threads=1, begin=0, seconds=0) == 1


def test_a_refused_photo_is_an_error():
    with pipeline.service() as app, pytest.raises(RuntimeError, match="422"):
        pipeline.asking(app, photos.photos()["1 MP JPEG"][:5000])()


def test_multiply_adds_are_counted():
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
    assert roofline.macs(model) == (6 * 4 * 3) * (2 * 3 * 3) + 6 * 5


def test_a_product_multiplies():
    for kinds in ((np.uint8, np.int8), (np.float32, np.float32)):
        count, work = roofline.product(*kinds)
        (result,) = work()
        assert count == result.size * roofline.SIDE
        assert result.any()


def test_the_start_of_the_service_is_timed():
    assert memory.start() > 0


def test_targets_are_missed_and_met():
    rows = [{"what": "start", "median": 3.5}, {"what": "respawn", "median": 0.1}]
    (table,) = compare([Table("Start, seconds", "", rows)])
    assert [row[""] for row in table.rows] == ["**missed**", "met"]
    assert compare([]) == []


def test_what_is_printed_is_saved(tmp_path):
    options = ["--quick", "--out", str(tmp_path), "--only", "roofline"]
    printed = CliRunner().invoke(main, options, catch_exceptions=False).stdout
    saved = (tmp_path / "report.md").read_text()
    assert "int8 matrix product" in printed
    assert saved.endswith(printed.rstrip("\n") + "\n")
    facts = json.loads((tmp_path / "report.json").read_text())
    assert facts["machine"]["processor"] in saved
    compared, measured = facts["tables"]
    assert compared["rows"][0]["figure"] == "network, times the roofline"
    assert {"work", "ms", "ratio"} <= set(measured["rows"][0])
