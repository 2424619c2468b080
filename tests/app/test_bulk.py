"""`estimate --ray` on a real cluster, started on this machine."""

import os
import signal
import zipfile
from pathlib import Path

import pyarrow
import pytest
from click.testing import CliRunner
from pyarrow import parquet

from app import bulk
from app.__main__ import main
from app.folder import File
from app.parts import Parts, PartsError, called, divided, whole
from deploy.testing.processes import command, family
from model.cluster import connected

PHOTOS = 4  # in each archive


def estimate(*args):
    done = CliRunner().invoke(main, ["estimate", *map(str, args), "--workers", "1"])
    assert done.exit_code == 0, done.output
    return done.output.splitlines()[-1]


def archive(path, portrait):
    with zipfile.ZipFile(path, "w") as file:
        for number in range(PHOTOS):
            file.writestr(f"{number}.jpg", portrait)
        file.writestr("broken.png", b"no photo")
    return path


def sorted_bytes(table):
    sink = pyarrow.BufferOutputStream()
    rows = sorted(table.to_pylist(), key=lambda row: (row["file"], row["face"] or 0))
    parquet.write_table(pyarrow.Table.from_pylist(rows, table.schema), sink)
    return sink.getvalue().to_pybytes()


def test_a_cluster_whose_worker_is_killed_writes_the_same_rows_once(
    tmp_path, portrait, monkeypatch
):
    connected()  # in the folder of the code, as if installed there
    monkeypatch.chdir(tmp_path)
    names = [archive(tmp_path / f"{number}.zip", portrait).name for number in range(5)]
    estimate(*names, "--out", "here.parquet")
    watched, killed = bulk.watched, []

    def killing(label, length, steps):
        for step in watched(label, length, steps):
            if not killed:
                killed.extend(p for p in family(os.getpid()) if "ray::MapWorker" in command(p))
                for process in killed:
                    os.kill(process, signal.SIGKILL)
            yield step

    monkeypatch.setattr(bulk, "watched", killing)
    said = estimate("--ray", *names, "--out", "there")
    assert killed
    assert said.endswith("/there: 5 part files; now 25 photos, 20 faces; 5 photos refused; "
                         "0 files left out, 0 not a picture")  # fmt: skip
    files = {path: path.stat().st_mtime_ns for path in (tmp_path / "there").glob("part-*.parquet")}
    assert len(files) == 5
    table = parquet.read_table("there")
    assert sorted_bytes(table) == sorted_bytes(parquet.read_table("here.parquet"))
    archive(tmp_path / "new.zip", portrait)
    again = estimate("--ray", *names, "new.zip", "--out", "there")
    assert "6 part files, 5 of them from before; now 5 photos" in again
    assert files == {path: path.stat().st_mtime_ns for path in files}


def test_a_folder_of_parts_at_a_url_belongs_to_one_source_and_keeps_what_is_there():
    out, source = Parts("memory://faces"), {"folder": "photos"}
    out.begin(source, restart=False)
    files = [("a.jpg", File(None, Path("a.jpg"), [1, 2], False))]
    name, lines = called(files), [{"file": "a.jpg", "error": "unreadable"}]
    assert not out.has(name)
    again = out.write(name, lines, complete=False)
    assert not out.has(name)
    assert {out.write(name, lines, complete=True) for _ in range(2)} == {whole(name)}
    out.end({whole(name)})
    assert out.has(name)
    assert out._names() == {"_SUCCESS", "_yanling.json", whole(name)} != {again}
    with pytest.raises(PartsError, match="another folder, photos, not others"):
        out.begin({"folder": "others"}, restart=False)
    out.begin({"folder": "others"}, restart=True)
    assert out._names() == {"_yanling.json"}


def test_a_new_photo_changes_one_part_of_many():
    files = [(f"{number}.jpg", File(None, Path(), [1], False)) for number in range(20_000)]
    before = {called(part) for part in divided(files)}
    files.insert(9_000, ("new.jpg", File(None, Path(), [1], False)))
    assert 10 < len(before) < 40
    assert len({called(part) for part in divided(files)} - before) <= 2


@pytest.mark.parametrize(
    ("out", "message"),
    [
        (["a.csv"], "--ray writes a folder"),
        (["a", "--report", "a.html"], "--ray writes a folder"),
        (["a"], "no photos"),
    ],
)
def test_a_cluster_is_not_started_for_nothing(tmp_path, monkeypatch, out, message):
    monkeypatch.chdir(tmp_path)
    refused = CliRunner().invoke(main, ["estimate", "--ray", ".", "--out", *out])
    assert message in refused.output
    assert list(tmp_path.iterdir()) == []
