"""The `estimate` command, with real worker processes."""

import csv
import json
import subprocess
import sys

import pyarrow.parquet
import pytest
from click.testing import CliRunner

from app import batch, writers
from app.__main__ import main
from deploy.testing.processes import children, is_running
from deploy.testing.waiting import until

FACE = {
    "box": {"left": 1, "top": 2, "width": 30, "height": 40},
    "landmarks": [],
    "age": 31.5,
    "age_range": [24, 40],
    "gender": "Male",
    "gender_confidence": 0.9,
    "quality": {"detection": 0.8, "size": 30, "notes": ["small", "dark"]},
}
LINES = [
    {"file": "a.jpg", "image": {"width": 90, "height": 60}, "faces": [FACE, FACE]},
    {"file": "b.jpg", "image": {"width": 9, "height": 6}, "faces": []},
    {"file": "图/c.jpg", "error": "bad_image", "detail": "The image is broken or cut off."},
]


@pytest.fixture
def folder(tmp_path, portrait, group, landscape):
    folder = tmp_path / "photos"
    (folder / "年会").mkdir(parents=True)
    (folder / "portrait.JPG").write_bytes(portrait)
    (folder / "年会" / "group.jpg").write_bytes(group[0])
    (folder / "landscape.jpg").write_bytes(landscape)
    (folder / "broken.png").write_bytes(b"not a photo")
    (folder / "notes.txt").write_text("ignored")
    return folder


def command(folder, out, *options):
    return [sys.executable, "-m", "app", "estimate", folder, "--out", out, *options]


def estimate(*args):
    return CliRunner().invoke(main, ["estimate", *map(str, args)])


def test_every_photo_has_a_row_with_an_estimate_or_an_error(folder, tmp_path):
    out = tmp_path / "faces.csv"
    output = subprocess.check_output(command(folder, out, "--workers", "2"), text=True)
    assert "4 photos" in output
    assert "6 faces; 1 photos refused" in output
    with out.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [(row["file"], row["faces"], row["face"]) for row in rows] == [
        ("broken.png", "", ""),
        ("landscape.jpg", "0", ""),
        ("portrait.JPG", "1", "1"),
        *[("年会/group.jpg", "5", str(face)) for face in range(1, 6)],
    ]
    assert rows[0]["error"] == "unsupported_type"
    assert rows[2]["gender"] == "Female"
    assert float(rows[2]["age_low"]) < float(rows[2]["age"]) < float(rows[2]["age_high"])
    assert not list(tmp_path.glob("*.unfinished"))


def test_a_killed_run_is_resumed_and_leaves_no_process(folder, tmp_path, portrait):
    for number in range(12):
        (folder / f"{number:02}.jpg").write_bytes(portrait)
    out, journal = tmp_path / "faces.jsonl", tmp_path / "faces.jsonl.unfinished"
    first = subprocess.Popen(command(folder, out, "--workers", "1"), stdout=subprocess.DEVNULL)
    until(lambda: journal.exists() and journal.stat().st_size)
    workers = children(first.pid)
    first.kill()
    first.wait()
    assert not out.exists()
    until(lambda: not any(map(is_running, workers)))
    with journal.open("a") as file:
        file.write('{"file": "half a li')
    finished = journal.read_text().splitlines()[:-1]
    second = estimate(folder, "--out", out, "--workers", "1")
    assert f"16 photos, {len(finished)} already done" in second.output
    lines = out.read_text().splitlines()
    assert len(lines) == 16
    assert set(finished) <= set(lines)


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("faces.xlsx", ".csv, .jsonl, .parquet"),
        ("old.csv", "already exists"),
        ("new.csv", "no photos"),
    ],
)
def test_an_impossible_run_is_refused_and_changes_no_file(tmp_path, out, message):
    (tmp_path / "empty").mkdir()
    (tmp_path / "old.csv").write_text("results")
    refused = estimate(tmp_path / "empty", "--out", tmp_path / out)
    assert refused.exit_code
    assert message in refused.output
    assert (tmp_path / "old.csv").read_text() == "results"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "old.csv"]


def test_a_photo_that_cannot_be_read_has_its_line(tmp_path):
    (tmp_path / "folder.jpg").mkdir()
    assert batch.estimate_one(tmp_path, "gone.jpg")["error"] == "unreadable"
    assert batch.photos(tmp_path) == []


def test_parquet_has_the_rows_and_types_of_csv(tmp_path):
    for suffix, write in writers.WRITERS.items():
        write(LINES, tmp_path / f"faces{suffix}")
    table = pyarrow.parquet.read_table(tmp_path / "faces.parquet")
    with (tmp_path / "faces.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert table.column_names == list(rows[0]) == list(writers.COLUMNS)
    assert table["age"].to_pylist() == [31.5, 31.5, None, None]
    assert table["face"].to_pylist() == [1, 2, None, None]
    assert table["notes"].to_pylist() == ["small dark", "small dark", None, None]
    assert [row["file"] for row in rows] == table["file"].to_pylist()
    assert [row["error"] for row in rows] == ["", "", "", "bad_image"]
    text = (tmp_path / "faces.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in text] == LINES
