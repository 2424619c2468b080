"""The comparison with peers, as far as it runs without installing them."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.peers import accuracy, chart, labelled, speed, tables, vgg_face
from bench.peers.roster import DEEPFACE_PEER, OURS, PEERS, Peer
from bench.peers.running import Running
from deploy.testing.photos import portrait
from model.session import open_session
from training import splits
from training.datasets import Record

CORE = max(os.sched_getaffinity(0))


def photographed(age, gender, source="utkface", name="a.jpg"):
    return Record(Path(name), age, age, gender, source)


def test_yanling_answers_on_one_core(tmp_path):
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(portrait())
    running = Running(OURS, CORE, tmp_path / "log")
    try:
        assert running.first_answer(photo) > 0
        answer = running.ask(photo)
        assert min(answer.cpu, answer.seconds) > 0
        age, female = accuracy.largest(answer.faces)
        assert 25 < age < 45
        assert female
        assert 50 < running.memory() < 500
    finally:
        running.stop()


def test_the_log_of_a_dead_peer_is_in_the_error(tmp_path):
    peer = Peer("broken", [sys.executable, "-c", "raise SystemExit('no weights')"], "", "")
    running = Running(peer, CORE, tmp_path / "log")
    with pytest.raises(RuntimeError, match="no weights"):
        running.first_answer(tmp_path / "photo.jpg")
    running.stop()


def test_the_labelled_photos_are_in_the_validation_split():
    records = [photographed(i % 90, 0, name=f"{i % 90}_0_0_{i}.jpg.chip.jpg") for i in range(3000)]
    sides = splits.split(records)
    ours = splits.split(records, labelled.SHARE)
    chosen = [side for side, mine in zip(sides, ours, strict=True) if mine == "validation"]
    assert len(chosen) > 100
    assert set(chosen) == {"validation"}


def test_a_missed_face_counts_as_missed_and_not_as_an_error():
    records = [photographed(30, 1), photographed(40, 0), photographed(50, 0, "aaf")]
    seen = {"a": [(33.0, True), None, (60.0, True)], "b": [(30.0, True), (40.0, False), None]}
    measured = accuracy.measure(records, seen)
    assert measured["a"]["all"] == {
        "n": 3, "found": 0.6667, "mae": 6.5, "cs5": 0.5, "gender": 0.5,
        "common": 1, "common_mae": 3.0,
    }  # fmt: skip
    assert measured["b"]["utkface"]["found"] == 1
    assert measured["b"]["aaf"]["mae"] is None


def test_only_the_largest_face_counts():
    faces = [{"area": 9, "age": 5, "female": True}, {"area": 90, "age": 50, "female": False}]
    assert accuracy.largest(faces) == (50, False)
    assert accuracy.largest([]) is None


def test_the_ratio_is_the_median_over_rounds():
    # in the second round the machine is ten times slower for both
    ours = [[(9.0, 1.0)] * 3, [(9.0, 10.0)] * 3, [(9.0, 1.0)] * 3]
    theirs = [[(9.0, 4.0)] * 3, [(9.0, 40.0)] * 3, [(9.0, 4.0)] * 3]
    assert speed.ratio(theirs, ours) == 4
    assert speed.figures([[(0.01, 0.002), (0.03, 0.002)], [(0.02, 0.004)]]) == {
        "median": 20.0, "p99": 29.8, "cpu": 2.0,
    }  # fmt: skip


def run(times, error):
    """A run in which every peer takes `times` as long as ours, with an MAE of `error` years."""
    row = {"median": 50.0, "p99": 60.0, "cpu": 45.0, "times_ours": times}
    accurate = {"n": 9, "found": 1.0, "mae": 5.0, "cs5": 0.5, "gender": 0.9, "common": 8}
    errors = {peer.name: 4.5 if peer is OURS else error for peer in PEERS if peer.has_weights}
    return {
        "machine": "this one",
        "speed": {peer.name: {"12 MP portrait": row} for peer in PEERS},
        "first_answer": {peer.name: 1.0 for peer in PEERS},
        "memory": {peer.name: 200 for peer in PEERS},
        "accuracy": {
            name: dict.fromkeys(tables.SETS, accurate | {"common_mae": years})
            for name, years in errors.items()
        },
    }


@pytest.mark.parametrize(
    ("times", "error", "faster", "ten_times"),
    [(12, 5, True, True), (5, 5, True, False), (0.9, 5, False, False), (0.9, 7, True, False)],
)
def test_the_claims_are_checked(times, error, faster, ten_times):
    lines = tables.verdicts(run(times, error))
    assert ["**no**" not in line for line in lines] == [faster, ten_times]
    assert DEEPFACE_PEER.name in tables.markdown(run(times, error))


def test_the_chart_is_drawn(tmp_path):
    chart.draw(run(3, 6), tmp_path / "peers.png", "12 MP portrait")
    with Image.open(tmp_path / "peers.png") as drawn:
        assert drawn.width > 500


def test_random_networks_answer_like_deepfaces(tmp_path, monkeypatch):
    monkeypatch.setattr(vgg_face, "STAGES", ((4, 1),) * 5)
    monkeypatch.setattr(vgg_face, "HIDDEN", 8)
    vgg_face.write(tmp_path / "age.onnx", 101)
    session = open_session(tmp_path / "age.onnx")
    (answer,) = session.run(None, {"image": np.full((1, 224, 224, 3), 0.5, np.float32)})
    assert answer.shape == (1, 101)
    assert answer.sum() == pytest.approx(1, abs=1e-4)
    assert answer.std() > 1e-4
