"""The three forms of the table."""

import csv
import json
import resource

import pyarrow.parquet
import pytest

from app import writers

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
    {
        "file": "a.jpg",
        "image": {"width": 90, "height": 60},
        "faces": [FACE, FACE],
        "faces_not_judged": 3,
    },
    {"file": "b.jpg", "image": {"width": 9, "height": 6}, "faces": [], "faces_not_judged": 0},
    {"file": "图/c.jpg", "error": "bad_image", "detail": "The image is broken or cut off."},
]


def read_csv(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_parquet_has_the_rows_and_types_of_csv(tmp_path):
    for suffix in writers.WRITERS:
        writers.write(LINES, tmp_path / f"faces{suffix}")
    table = pyarrow.parquet.read_table(tmp_path / "faces.parquet")
    rows = read_csv(tmp_path / "faces.csv")
    assert table.column_names == list(rows[0]) == list(writers.COLUMNS)
    assert table["age"].to_pylist() == [31.5, 31.5, None, None]
    assert table["face"].to_pylist() == [1, 2, None, None]
    assert table["notes"].to_pylist() == ["small dark", "small dark", None, None]
    assert [row["file"] for row in rows] == table["file"].to_pylist()
    assert [row["error"] for row in rows] == ["", "", "", "bad_image"]
    text = (tmp_path / "faces.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in text] == LINES


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        *[(f"{start}1+1.jpg", f"./{start}1+1.jpg") for start in "=+-@\t\r\n＝＋－＠"],
        *[(name, name) for name in ("a=1.jpg", "'=1.jpg", "a;=1\t=2,=3.jpg", 'a"\n=1.jpg')],
    ],
)
def test_no_name_is_a_formula_in_a_spreadsheet(tmp_path, name, cell):
    line = {"file": name, "error": "bad_image"}
    writers.write([line], tmp_path / "faces.csv")
    assert read_csv(tmp_path / "faces.csv")[0]["file"] == cell
    (_, text) = (tmp_path / "faces.csv").read_text(encoding="utf-8-sig").split("last_seen\n", 1)
    assert text.startswith('"')  # so that no other separator splits the cell


def test_excel_reads_csv_as_utf_8_and_json_lines_have_no_byte_order_mark(tmp_path):
    for suffix in (".csv", ".jsonl"):
        writers.write(LINES, tmp_path / f"faces{suffix}")
    assert (tmp_path / "faces.csv").read_bytes().startswith("\ufeff".encode())
    assert (tmp_path / "faces.jsonl").read_bytes().startswith(b"{")


@pytest.mark.parametrize("suffix", writers.WRITERS)
def test_a_table_that_cannot_be_finished_leaves_no_file(tmp_path, suffix):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(OSError, match=rf"too large.*faces{suffix}"):
            writers.write(LINES, tmp_path / f"faces{suffix}")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []
