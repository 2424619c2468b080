"""prepare, as the command line runs it: what is removed and why, a kill, a cluster."""

import ast
import csv
import gc
import json
import shutil

import click
import numpy as np
import pytest

from deploy.testing.photos import encode
from model.quality import judge
from training import data, duplicates, prepare, provenance, shards
from training.datasets import Record


def table(chips):
    with (chips / "table.csv").open(newline="", encoding="utf-8") as file:
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
    monkeypatch.setattr(duplicates, "NEAR_BITS", 7)
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
    said = capsys.readouterr().out
    assert "left out: 2 no face, 2 same photo, other label, 1 " in said
    assert f"; there is no {doubtful}/00009A30.jpg" in said
    assert "1 chips" in said
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
    monkeypatch.setattr(duplicates, "NEAR_BITS", 7)
    call("prepare", "--aaf", raw / "aaf", "--out", tmp_path)
    whole = shard_files(tmp_path)
    assert len(whole) == 6
    min(tmp_path.glob("shards/*.csv")).unlink()  # killed before it was complete
    times = {path: path.stat().st_mtime_ns for path in tmp_path.glob("shards/*.csv")}
    call("prepare", "--aaf", raw / "aaf", "--out", tmp_path)
    assert shard_files(tmp_path) == whole
    assert all(path.stat().st_mtime_ns == time for path, time in times.items())


class Parsing:
    """Garbage, in a cycle, whose finalizer parses."""

    def __init__(self):
        self.itself = self

    def __del__(self):
        ast.parse("f(a, [b for c in d])")


def test_the_codes_hash_stands_finalizers_that_parse():
    usual = gc.get_threshold()
    gc.set_threshold(1)
    try:
        for _ in range(5):
            garbage = [Parsing() for _ in range(100)]
            del garbage
            assert provenance.code.__wrapped__() == provenance.code()
    finally:
        gc.set_threshold(*usual)


def test_a_ray_cluster_makes_the_same_bytes(raw, tmp_path, monkeypatch, call):
    monkeypatch.setattr(shards, "PHOTOS", 5)
    monkeypatch.setattr(duplicates, "NEAR_BITS", 7)
    for folder, how in (("here", ["--workers", 2]), ("ray", ["--ray"])):
        call("prepare", "--aaf", raw / "aaf", "--out", tmp_path / folder, *how)
    assert shard_files(tmp_path / "here") == shard_files(tmp_path / "ray")
    assert len(shard_files(tmp_path / "ray")) == 8
    assert table(tmp_path / "here") == table(tmp_path / "ray")


@pytest.fixture
def listed(tmp_path, monkeypatch):
    """FairFace's table of three photos, before they are unpacked."""
    monkeypatch.setattr(duplicates, "NEAR_BITS", 7)
    folder = tmp_path / "fairface"
    (folder / "val").mkdir(parents=True)
    rows = [f"val/{i}.jpg,30-39,Female,White\n" for i in range(3)]
    (folder / "fairface_label_val.csv").write_text("file,age,gender,race\n" + "".join(rows))
    return folder


def unpack(folder, variant, *numbers):
    for i in numbers:
        (folder / f"val/{i}.jpg").write_bytes(variant(i))


@pytest.fixture
def run(call, tmp_path, capsys):
    """Prepare `folder` in place; returns what was said and, by name, each chip."""

    def run(folder):
        capsys.readouterr()
        call("prepare", "--fairface", folder, "--out", tmp_path / "chips", "--workers", 1)
        split = data.load(tmp_path / "chips", "train")
        return capsys.readouterr().out, dict(
            zip(split.name.tolist(), split.batch(np.arange(len(split))), strict=True)
        )

    return run


def test_photos_that_were_missing_or_broken_are_looked_at_again(listed, run, variant):
    with pytest.raises(click.ClickException, match="none of the 3 photos can be used"):
        run(listed)
    (listed / "val/0.jpg").write_bytes(variant(0)[:3000])
    unpack(listed, variant, 1)
    said, chips = run(listed)
    assert list(chips) == ["1.jpg"]
    assert f"1 bad_image, 1 missing_file; there is no {listed}/val/2.jpg" in said
    assert "0 photos reused, 3 new or changed" in said
    unpack(listed, variant, 0, 2)
    said, chips = run(listed)
    assert list(chips) == ["0.jpg", "1.jpg", "2.jpg"]
    assert "1 photos reused, 2 new or changed" in said


def test_a_replaced_photo_is_cut_again_and_no_other(listed, run, variant):
    unpack(listed, variant, 0, 1, 2)
    _, before = run(listed)
    (listed / "val/1.jpg").write_bytes(variant(5))
    said, after = run(listed)
    assert "2 photos reused, 1 new or changed" in said
    assert [name for name in before if (before[name] != after[name]).any()] == ["1.jpg"]
    (listed / "val/0.jpg").write_bytes(b"broken")
    said, chips = run(listed)
    assert list(chips) == ["1.jpg", "2.jpg"]
    assert all((chips[name] == after[name]).all() for name in chips)


def test_another_folder_is_known_by_its_photos(listed, run, variant, tmp_path):
    unpack(listed, variant, 0, 1, 2)
    _, before = run(listed)
    moved = listed.rename(tmp_path / "moved")
    said, same = run(moved)
    assert "3 photos reused" in said
    assert all((before[name] == same[name]).all() for name in before)
    other = shutil.copytree(moved, tmp_path / "other")
    unpack(other, lambda i: variant(i + 6), 0, 1, 2)
    said, others = run(other)
    assert "0 photos reused" in said
    assert all((before[name] != others[name]).any() for name in before)


def test_other_code_cuts_all_photos_again(listed, run, variant, monkeypatch):
    unpack(listed, variant, 0, 1, 2)
    run(listed)
    assert "3 photos reused, 0 new or changed" in run(listed)[0]
    monkeypatch.setattr(provenance, "code", lambda: "other")
    assert "0 photos reused, 3 new or changed" in run(listed)[0]


def test_a_table_of_earlier_chips_does_not_outlive_them(
    listed, run, variant, tmp_path, monkeypatch
):
    unpack(listed, variant, 0, 1, 2)
    run(listed)
    monkeypatch.setattr(prepare, "make_here", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run(listed)
    assert not (tmp_path / "chips/table.csv").exists()


def test_the_face_that_the_data_set_labels_is_taken(tmp_path, group):
    photo, centres = group
    path = tmp_path / "group.jpg"
    path.write_bytes(photo)
    sizes = []
    for x, y in centres:
        box = (x - 80, y - 80, x + 80, y + 80)
        row, _ = shards.look(Record(path, 35, 35, 1, "imdb", face=box))
        sizes.append(float(row["size"]))
    assert sizes[0] > sizes[1] > sizes[2] > sizes[3] == pytest.approx(sizes[4], rel=0.05)
    row, chip = shards.look(Record(path, 35, 35, 1, "imdb", face=(0, 700, 50, 750)))
    assert (row["reason"], chip) == ("no face", None)


def test_every_reader_has_an_option_and_names_a_folder_of_another_layout(call, tmp_path):
    with pytest.raises(click.UsageError, match="at least one data set"):
        call("prepare", "--out", tmp_path)
    for name in prepare.READERS:
        with pytest.raises(click.ClickException, match=f"^--{name}: {tmp_path} has no "):
            call("prepare", f"--{name}", tmp_path, "--out", tmp_path)
    with pytest.raises(click.BadParameter, match="nowhere"):
        call("prepare", "--utkface", tmp_path / "nowhere", "--out", tmp_path)


def test_a_table_without_a_measure_of_quality_earns_no_note_for_it(chips, tmp_path):
    shutil.copytree(chips, tmp_path / "chips")
    rows = table(chips)
    assert all(row["detection"] for row in rows)
    columns = [name for name in rows[0] if name not in ("detection", "beyond")]
    with (tmp_path / "chips" / "table.csv").open("w", newline="") as file:
        old = csv.DictWriter(file, columns, extrasaction="ignore")
        old.writeheader()
        old.writerows(rows)
    split = data.load(tmp_path / "chips", "train")
    assert len(split) == len(data.load(chips, "train"))
    assert not judge(**split.quality)["unsure"].any()
