"""prepare, as the command line runs it: what is removed and why, a kill, a cluster."""

import csv
import json

import click
import numpy as np
import pytest

from deploy.testing.photos import encode
from training import data, duplicates, prepare, shards
from training.datasets import Record


def table(chips):
    with (chips / "table.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_photo_becomes_a_chip_with_its_label(chips):
    rows = table(chips)
    assert len(rows) == 60
    split = data.load(chips, "validation")
    assert len(split) == 12
    assert split.batch(np.arange(12)).std(axis=(1, 2, 3)).min() > 10
    assert 0 <= split.quality["turn"].max() < 0.5
    assert split.quality["size"].min() > 50
    labels = {(row["name"], row["age_low"], row["age_high"], row["gender"]) for row in rows}
    assert {("00003A31.jpg", "31", "31", "1"), ("3.jpg", "30", "39", "1")} <= labels


@pytest.fixture
def doubtful(tmp_path, variant, astronaut, landscape, monkeypatch):
    """All-Age-Faces with one good photo and one of each kind to remove."""
    monkeypatch.setattr(duplicates, "NEAR_BITS", 8)
    photos = {
        "00000A30": variant(0),
        "00001A33": variant(0),
        "00002A30": variant(1),
        "00003A50": variant(1),
        "00004A30": landscape,
        "00005A30": encode(np.concatenate([astronaut, astronaut[:, ::-1]], axis=1)),
        "00006A30": b"not a photo",
        "00007A30": variant(2)[:3000],
        "00008A30": encode(astronaut[::20, ::20]),
    }
    folder = tmp_path / "aaf"
    folder.mkdir()
    for name, content in photos.items():
        (folder / f"{name}.jpg").write_bytes(content)
    (folder / "00009A30.jpg").symlink_to("nowhere.jpg")
    return folder


def test_removed_photos_are_counted_by_reason(doubtful, call, tmp_path, capsys):
    out = tmp_path / "chips"
    call("prepare", "--aaf", doubtful, "--out", out)
    assert "1 chips" in capsys.readouterr().out
    assert [row["name"] for row in table(out)] == ["00000A30.jpg"]
    facts = json.loads((out / "facts.json").read_text())
    assert facts["removed"]["aaf"] == {
        "same photo, other label": 2,
        "no face": 2,
        "exact duplicate": 1,
        "no dominant face": 1,
        "unsupported_type": 1,
        "bad_image": 1,
        "missing_file": 1,
    }
    assert facts["copies"] == {"pairs": 2, "years": 11.5}
    assert "| no dominant face " in (out / "cleaning.md").read_text()
    assert (out / "cleaning.png").read_bytes().startswith(b"\x89PNG")


def shard_files(chips):
    return {path.name: path.read_bytes() for path in (chips / "shards").iterdir()}


def test_a_killed_run_makes_only_the_missing_shards(raw, call, tmp_path, monkeypatch):
    monkeypatch.setattr(shards, "PHOTOS", 8)
    call("prepare", "--aaf", raw / "aaf", "--out", tmp_path)
    whole = shard_files(tmp_path)
    assert len(whole) == 6
    min(tmp_path.glob("shards/*.csv")).unlink()  # killed before it was complete
    times = {path: path.stat().st_mtime_ns for path in tmp_path.glob("shards/*.csv")}
    call("prepare", "--aaf", raw / "aaf", "--out", tmp_path)
    assert shard_files(tmp_path) == whole
    assert all(path.stat().st_mtime_ns == time for path, time in times.items())


def test_a_ray_cluster_makes_the_same_bytes(raw, tmp_path, monkeypatch, call):
    monkeypatch.setattr(shards, "PHOTOS", 5)
    monkeypatch.setattr(duplicates, "NEAR_BITS", 8)
    for folder, how in (("here", ["--workers", 2]), ("ray", ["--ray"])):
        call("prepare", "--aaf", raw / "aaf", "--out", tmp_path / folder, *how)
    assert shard_files(tmp_path / "here") == shard_files(tmp_path / "ray")
    assert len(shard_files(tmp_path / "ray")) == 8
    assert table(tmp_path / "here") == table(tmp_path / "ray")


def test_the_face_that_the_data_set_labels_is_taken(tmp_path, group):
    photo, centres = group
    path = tmp_path / "group.jpg"
    path.write_bytes(photo)
    sizes, column = [], shards.COLUMNS.index("size")
    for x, y in centres:
        box = (x - 80, y - 80, x + 80, y + 80)
        row, _ = shards.look(Record(path, 35, 35, 1, "imdb", face=box))
        sizes.append(float(row[column]))
    assert sizes[0] > sizes[1] > sizes[2] > sizes[3] == pytest.approx(sizes[4], rel=0.05)
    row, chip = shards.look(Record(path, 35, 35, 1, "imdb", face=(0, 700, 50, 750)))
    assert (row[1], chip) == ("no face", None)


def test_every_reader_has_an_option_and_one_must_find_photos(call, tmp_path):
    for name in prepare.READERS.keys() - {"own"}:  # which needs labels.csv
        with pytest.raises(click.UsageError, match="no photos"):
            call("prepare", f"--{name}", tmp_path, "--out", tmp_path)
