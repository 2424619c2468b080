"""`estimate --ray` on a real cluster, started on this machine."""

import os
import signal
import zipfile

import pyarrow
import pytest
from click.testing import CliRunner
from pyarrow import parquet

from app import bulk
from app.__main__ import main
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
