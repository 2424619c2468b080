"""Archives, Parquet files and URLs, as `estimate` reads them."""

import io
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pyarrow
import pytest
from click.testing import CliRunner
from pyarrow import parquet

from app import batch
from app.__main__ import main
from app.journal import made_from, opened
from app.sources import Sources
from model.photo import PhotoError

COLUMNS = ("file", "bytes")


def tar(path, contents):
    with tarfile.open(path, f"w:{path.suffix[1:].replace('tar', '')}") as archive:
        for name, data in contents.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


def zipped(path, contents):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)


def table(path, contents, **options):
    columns = {"file": list(contents), "bytes": list(contents.values())}
    parquet.write_table(pyarrow.table(columns), path, row_group_size=2, **options)


def sources(*roots):
    return Sources([*roots], None, hidden=False, columns=COLUMNS)


def opened_file(file):
    with file.path.open() as data:
        return data.read()


def rows(out, below=""):
    """Without the name of what the photos were in."""
    found = parquet.read_table(out).to_pylist()
    return [row | {"file": row["file"].removeprefix(below)} for row in found
            if row["file"].startswith(below)]  # fmt: skip


def test_every_kind_of_source_gives_the_rows_of_a_folder(tmp_path, monkeypatch, portrait):
    contents = {"a.jpg": portrait, "b/c.png": b"no photo", "notes.txt": b"no picture"}
    for name, data in contents.items():
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    monkeypatch.chdir(tmp_path)
    for name, write in {
        "x.tar": tar, "x.tar.gz": tar, "x.zip": zipped, "x.parquet": table,
    }.items():  # fmt: skip
        write(Path(name), contents)
    zipped(Path("y.zip"), {"in.tar": b"", "a.jpg": portrait})
    urls = [f"file://{tmp_path}/photos", f"file://{tmp_path}/*.tar"]
    names = ["photos", "x.tar", "x.tar.gz", "x.zip", "x.parquet", "y.zip", *urls]
    found = Sources([*map(Path, names[:6]), *urls], None, False, COLUMNS)
    with opened(Path("faces.parquet.unfinished"), made_from(found.origin(), 10)) as journal:
        done = "x.zip/a.jpg"
        journal.append(batch.estimate_one(done, found.found().files[done].path))
    command = [sys.executable, "-m", "app", "estimate", *names, "--out", "faces.parquet"]
    root = Path(__file__).parents[2]
    said = subprocess.check_output(command, text=True, env=os.environ | {"PYTHONPATH": str(root)})
    assert "23 files, 1 already done" in said
    expected = rows("faces.parquet", "photos/")
    assert [(row["file"], row["faces"], row["error"]) for row in expected] == [
        ("a.jpg", 1, None),
        ("b/c.png", None, "unsupported_type"),
    ]
    for name in [*names[1:5], urls[0], f"file://{tmp_path}/x.tar"]:
        assert rows("faces.parquet", f"{name}/") == expected
    assert [row["error"] for row in rows("faces.parquet", "y.zip/")] == [None, "nested_archive"]


def test_members_are_read_by_place_and_their_names_lead_nowhere(tmp_path):
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        for name, kind, size in [
            ("/etc/passwd", tarfile.REGTYPE, 3),
            ("../up.jpg", tarfile.REGTYPE, 3),
            (".hidden/a.jpg", tarfile.REGTYPE, 3),
            ("link.jpg", tarfile.SYMTYPE, 0),
            ("pipe.jpg", tarfile.FIFOTYPE, 0),
            ("large.jpg", tarfile.REGTYPE, 11 * 2**20),
            ("twice.jpg", tarfile.REGTYPE, 1),
            ("twice.jpg", tarfile.REGTYPE, 2),
            ("in.zip", tarfile.REGTYPE, 5),
        ]:
            info = tarfile.TarInfo(name)
            info.type, info.size, info.linkname = kind, size, "/etc/passwd"
            archive.addfile(info, io.BytesIO(bytes(size)))
    found = sources(path).found()
    assert {name.removeprefix(f"{path}/"): why for name, why in found.left_out.items()} == {
        "../up.jpg": "hidden or system",
        ".hidden/a.jpg": "hidden or system",
        "link.jpg": "neither file nor folder",
        "pipe.jpg": "neither file nor folder",
    }
    files = {name.removeprefix(f"{path}/"): file for name, file in found.files.items()}
    assert opened_file(files["/etc/passwd"]) == bytes(3)
    assert len(opened_file(files["large.jpg"])) == 10 * 2**20 + 1
    assert len(opened_file(files["twice.jpg"])) == 2
    with pytest.raises(PhotoError, match="archive within"):
        files["in.zip"].path.open()


def test_names_from_a_chinese_windows_and_rows_without_a_name(tmp_path):
    path = tmp_path / "old.zip"
    zipped(path, {"abcd.jpg": b"1", "中.jpg": b"2"})
    path.write_bytes(path.read_bytes().replace(b"abcd", "张三".encode("gbk")))
    names = {Path(name).name for name in sources(path).found().files}
    assert names == {r"\xd5\xc5\xc8\xfd.jpg", "中.jpg"}
    images = [{"bytes": b"1", "path": None}, {"bytes": None, "path": "b.jpg"}]
    parquet.write_table(pyarrow.table({"image": images}), tmp_path / "hub.parquet")
    columns = ("image.path", "image.bytes")
    found = Sources([tmp_path / "hub.parquet"], tmp_path, False, columns).found().files
    assert {name: opened_file(file) for name, file in found.items()} == {
        "hub.parquet/b.jpg": b"",
        "hub.parquet/row 0.0": b"1",
    }


def cut(path):
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 3])


def claim(path):
    """A header of 4 GB, of which almost nothing is in the file."""
    info = tarfile.TarInfo("a")
    info.type, info.size = tarfile.XHDTYPE, 2**32
    path.write_bytes(info.tobuf(tarfile.GNU_FORMAT) + bytes(10_240))


def encrypt(path):
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("name", "write", "spoil", "why"),
    [
        ("a.tar", tar, cut, "unexpected end of data|cut off"),
        ("a.tar", tar, claim, "a header is too large"),
        ("a.tar.gz", tar, cut, "Compressed file ended"),
        ("a.tar.xz", tar, lambda path: path.write_bytes(b"none"), "not supported|end-of-stream"),
        ("a.zip", zipped, cut, "not a zip file"),
        ("a.zip", zipped, encrypt, "encrypted"),
        ("a.parquet", table, cut, "magic bytes"),
        ("a.parquet", lambda path, _: table(path, {"a.jpg": 1}), lambda _: None, "cast"),
        ("b.parquet", lambda path, _: parquet.write_table(pyarrow.table({"a": [1]}), path),
         lambda _: None, "no column bytes, only a"),
    ],
)  # fmt: skip
def test_an_archive_that_is_broken_has_an_error_that_says_why(
    tmp_path, monkeypatch, name, write, spoil, why
):
    path = tmp_path / name
    write(path, {"a.jpg": os.urandom(9000)})
    spoil(path)
    monkeypatch.setattr(batch, "_estimator", lambda: None)
    entries = [
        batch.estimate_one(name, file.path) for name, file in sources(path).found().files.items()
    ]
    assert {entry["line"]["error"] for entry in entries} == {"unreadable"}
    assert all(entry["stamp"] is None for entry in entries)
    assert re.search(why, entries[-1]["line"]["detail"])


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["a.parquet"], "Parquet needs another package: pip install pyarrow"),
        (["s3://bucket/a.tar"], "A URL needs another package: pip install fsspec"),
        (["--ray", "a.parquet"], "--ray needs another package: pip install 'ray[data]'"),
    ],
)
def test_a_missing_package_is_named_with_its_command(tmp_path, monkeypatch, args, message):
    (tmp_path / "a.parquet").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("app.packages.find_spec", lambda _: None)
    assert message in CliRunner().invoke(main, ["estimate", *args]).output


@pytest.mark.parametrize("url", ["nowhere://a/b.tar", "file:///gone/*.tar", "file:///gone.zip"])
def test_a_url_that_leads_nowhere_is_refused_in_a_sentence(url):
    refused = CliRunner().invoke(main, ["estimate", url])
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: ")
    assert isinstance(refused.exception, SystemExit)
