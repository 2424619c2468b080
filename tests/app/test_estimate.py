"""The `estimate` command, with real worker processes."""

import csv
import json
import os
import signal
import subprocess
import sys

import pyarrow.parquet
import pytest
from click.testing import CliRunner

from app import batch
from app.__main__ import main
from app.folder import shown
from app.journal import made_from, opened
from deploy.testing import processes
from deploy.testing.photos import encode, mosaic
from deploy.testing.processes import children, is_running
from deploy.testing.waiting import until

# root reads and writes what it likes, unless it gives up the right to
NO_OVERRIDE = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
AS_USER = NO_OVERRIDE if os.geteuid() == 0 else []


@pytest.fixture
def folder(tmp_path, portrait, group, landscape):
    folder = tmp_path / "photos"
    (folder / "年会").mkdir(parents=True)
    (folder / "portrait.JPG").write_bytes(portrait)
    (folder / "年会" / "group.jpg").write_bytes(group[0])
    (folder / "landscape.jpg").write_bytes(landscape)
    (folder / "broken.png").write_bytes(b"not a photo")
    (folder / "notes.txt").write_text("no picture")
    return folder


def command(folder, out, *options):
    return [sys.executable, "-m", "app", "estimate", folder, "--out", out, *options]


def estimate(*args):
    return CliRunner().invoke(main, ["estimate", *map(str, args), "--workers", "1"])


def rows(out):
    with out.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def errors(out):
    return {row["file"]: row["error"] for row in rows(out)}


def test_every_photo_has_a_row_with_an_estimate_or_an_error(folder, tmp_path):
    out = tmp_path / "new" / "folder" / "faces.csv"
    output = subprocess.check_output(command(folder, out, "--workers", "2"), text=True)
    assert "5 files" in output
    assert output.endswith(
        "not judged: 2\n"
        "  broken.png: This is not a JPEG, PNG, HEIC, AVIF, WebP, TIFF, BMP or GIF image.\n"
        "  notes.txt: not a picture\n"
        "left out: 1 not a picture (1 .txt)\n"
        f"{out}: 4 photos, 6 faces; 1 photo refused, with error codes\n"
    )
    table = rows(out)
    assert [(row["file"], row["faces"], row["face"]) for row in table] == [
        ("broken.png", "", ""),
        ("landscape.jpg", "0", ""),
        ("portrait.JPG", "1", "1"),
        *[("年会/group.jpg", "5", str(face)) for face in range(1, 6)],
    ]
    assert table[0]["error"] == "unsupported_type"
    assert table[2]["gender"] == "Female"
    assert float(table[2]["age_low"]) < float(table[2]["age"]) < float(table[2]["age_high"])
    assert list(out.parent.iterdir()) == [out]


def test_faces_that_are_not_judged_are_said_and_in_the_table(tmp_path):
    (tmp_path / "crowd.jpg").write_bytes(encode(mosaic(1920, 960, 50)))
    out = tmp_path / "faces.csv"
    done = estimate(tmp_path, "--out", out)
    table = rows(out)
    left = int(table[0]["faces_not_judged"])
    assert 1 <= len(table) <= 64
    assert left > 100
    assert f"{left} more faces in 1 photo not judged: too many in one" in done.output


def test_the_content_decides_and_every_file_is_in_the_table_or_counted(folder, tmp_path, portrait):
    for name in ("1.jfif", "2", "3.txt", "4.JPG~", "5.png"):
        (folder / name).write_bytes(portrait)
    (folder / "6.psd").write_bytes(b"8BPS\0\1")
    (folder / "7").write_bytes(b"")
    (folder / "8").write_bytes(portrait + bytes(11 * 2**20))
    (folder / "9.mp4").write_bytes(bytes(11 * 2**20))
    (folder / "._1.jfif").write_bytes(b"\0\5\x16\7\0\2\0\0Mac OS X        \xa3\0\xff")
    os.mkfifo(folder / "pipe.jpg")
    (folder / "gone.jpg").symlink_to("nowhere")
    done = estimate(folder, "--out", tmp_path / "faces.csv")
    assert "left out: 1 hidden" in done.output
    assert "1 neither file nor folder, 2 not a picture (1 .mp4, 1 .txt)" in done.output
    for name, why in {
        "._1.jfif": "hidden or system",
        "8": "The photo is larger than 10 MB.",
        "9.mp4": "a video: name it to have it judged",
        "gone.jpg": "No such file or directory",
        "pipe.jpg": "neither file nor folder",
    }.items():
        assert f"  {name}: {why}\n" in done.output
    assert errors(tmp_path / "faces.csv") == {
        **dict.fromkeys(("1.jfif", "2", "3.txt", "4.JPG~", "5.png"), ""),
        **{"6.psd": "unsupported_type", "7": "empty_file", "8": "too_large"},
        **{"broken.png": "unsupported_type", "gone.jpg": "unreadable"},
        **dict.fromkeys(("landscape.jpg", "portrait.JPG", "年会/group.jpg"), ""),
    }


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_names_in_other_encodings_are_in_every_table_whatever_the_locale(
    tmp_path, portrait, suffix
):
    """The locale knows ASCII only, as zh_CN.GBK knows no UTF-8."""
    folder, out = tmp_path / "照片", tmp_path / f"结果{suffix}"
    folder.mkdir()
    for name in (b"\xd5\xc5\xc8\xfd.jpg", "张三.jpg".encode()):
        (folder / os.fsdecode(name)).write_bytes(portrait)
    (folder / "坏的").mkdir(mode=0)
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    with opened(out.with_name(f"{out.name}.unfinished"), made_from(shown(folder), 10)) as journal:
        journal.append(batch.estimate_one("张三.jpg", folder / "张三.jpg"))
    done = subprocess.run(
        [*AS_USER, *command(folder, out, "--workers", "1")],
        env={**os.environ, **ascii_only, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
    )
    assert "Traceback" not in done.stderr
    assert "2 files, 1 already done" in done.stdout
    found = {
        ".csv": lambda: [row["file"] for row in rows(out)],
        ".jsonl": lambda: [json.loads(line)["file"] for line in out.read_bytes().splitlines()],
        ".parquet": lambda: pyarrow.parquet.read_table(out)["file"].to_pylist(),
    }
    assert found[suffix]() == [r"\xd5\xc5\xc8\xfd.jpg", "张三.jpg"]


def test_a_killed_run_is_resumed_and_leaves_no_process(folder, tmp_path, portrait):
    for number in range(12):
        (folder / f"{number:02}.jpg").write_bytes(portrait)
    out, journal = tmp_path / "faces.jsonl", tmp_path / "faces.jsonl.unfinished"
    first = subprocess.Popen(command(folder, out, "--workers", "1"), stdout=subprocess.DEVNULL)
    until(lambda: journal.exists() and journal.read_bytes().count(b"\n") > 1)
    workers = children(first.pid)
    first.kill()
    first.wait()
    assert not out.exists()
    until(lambda: not any(map(is_running, workers)))
    finished = [json.loads(line)["line"] for line in journal.read_text().splitlines()[1:]]
    with journal.open("a") as file:
        file.write('{"file": "half a li')
    second = estimate(folder, "--out", out)
    assert f"17 files, {len(finished)} already done" in second.output
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert len(lines) == 16
    assert all(line in lines for line in finished)


def many(folder, portrait):
    """More photos than are estimated before a busy machine notices the first."""
    (folder / "0.jpg").write_bytes(portrait)
    for number in range(1, 1000):
        (folder / f"{number}.jpg").hardlink_to(folder / "0.jpg")


def test_ctrl_c_says_how_to_continue(folder, tmp_path, portrait):
    many(folder, portrait)
    out, journal = tmp_path / "faces.csv", tmp_path / "faces.csv.unfinished"
    run = subprocess.Popen(
        # what a shell has started in the background would ignore the signal
        ["env", "--default-signal=INT", *command(folder, out, "--workers", "1")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    until(lambda: journal.exists() and journal.read_bytes().count(b"\n") > 1)
    os.killpg(run.pid, signal.SIGINT)  # a terminal sends it to every process
    _, said = run.communicate()
    assert (run.returncode, said) == (130, "\nstopped: run the same command again to continue\n")
    assert journal.exists()


def test_a_killed_worker_ends_the_run_with_a_sentence(folder, tmp_path, portrait):
    many(folder, portrait)
    journal = tmp_path / "faces.csv.unfinished"
    run = subprocess.Popen(
        command(folder, tmp_path / "faces.csv", "--workers", "1"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    until(lambda: journal.exists() and journal.read_bytes().count(b"\n") > 1)
    for process in children(run.pid):
        if "spawn_main" in processes.command(process):
            os.kill(process, signal.SIGKILL)
    _, said = run.communicate()
    assert run.returncode == 1
    assert said.startswith("Error: a worker was killed")
    assert "run the same command again" in said


def begun(folder, out):
    """Leaves the journal of a run over `folder` that was stopped before its table was written."""
    with opened(out.with_name(f"{out.name}.unfinished"), made_from(shown(folder), 10)) as journal:
        for path in sorted(folder.rglob("*.jpg")):
            name = shown(path.relative_to(folder))
            journal.append(batch.estimate_one(name, path))


def test_another_folder_does_not_get_the_answers_of_the_first(tmp_path, portrait, landscape):
    first, second, out = tmp_path / "a", tmp_path / "b", tmp_path / "faces.csv"
    for folder, data in ((first, portrait), (second, landscape)):
        folder.mkdir()
        (folder / "IMG_1.jpg").write_bytes(data)
    begun(first, out)
    refused = estimate(second, "--out", out)
    assert refused.exit_code == 1
    assert refused.output.splitlines()[-1] == (
        f"Error: {out}.unfinished is from a run with another folder, {first}, not {second}:"
        " choose another --out, or add --restart to begin again"
    )
    assert not out.exists()
    assert estimate(second, "--out", out, "--restart").exit_code == 0
    assert [(row["file"], row["faces"]) for row in rows(out)] == [("IMG_1.jpg", "0")]


def test_a_changed_folder_gets_answers_for_what_is_in_it_now(tmp_path, portrait, landscape):
    folder, out = tmp_path / "photos", tmp_path / "faces.csv"
    folder.mkdir()
    for name in ("deleted.jpg", "kept.jpg", "replaced.jpg"):
        (folder / name).write_bytes(portrait)
    begun(folder, out)
    (folder / "deleted.jpg").unlink()
    (folder / "replaced.jpg").write_bytes(landscape)
    (folder / "added.jpg").write_bytes(landscape)
    assert "3 files, 1 already done" in estimate(folder, "--out", out).output
    assert [(row["file"], row["faces"]) for row in rows(out)] == [
        ("added.jpg", "0"),
        ("kept.jpg", "1"),
        ("replaced.jpg", "0"),
    ]


def test_what_may_not_be_read_is_said_and_tried_again(tmp_path, portrait):
    folder, out = tmp_path / "photos", tmp_path / "faces.csv"
    (folder / "closed").mkdir(parents=True)
    for name in ("closed/a.jpg", "b.jpg", "c.jpg"):
        (folder / name).write_bytes(portrait)
    (folder / "b.jpg").chmod(0)
    (folder / "closed").chmod(0)
    run = [*AS_USER, *command(folder, out, "--workers", "1")]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert "  closed: cannot be opened: Permission denied\n" in done.stdout
    assert "left out: 1 cannot be opened\n" in done.stdout
    assert errors(out) == {"b.jpg": "unreadable", "c.jpg": ""}
    (folder / "closed").chmod(0o700)
    (folder / "b.jpg").chmod(0o600)
    assert batch.estimate_one("b.jpg", folder / "gone.jpg")["stamp"] is None


def test_a_photo_that_fails_in_an_unforeseen_way_does_not_end_the_run(
    tmp_path, portrait, monkeypatch
):
    def fail(*_):
        raise MemoryError("no room")

    monkeypatch.setattr("app.decoder.Decoder.decode", fail)
    (tmp_path / "a.jpg").write_bytes(portrait)
    assert batch.estimate_one("a.jpg", tmp_path / "a.jpg") == {
        "stamp": None,
        "line": {"file": "a.jpg", "error": "internal", "detail": "MemoryError: no room"},
    }


def test_a_photo_that_kills_its_decoder_fails_alone(tmp_path, portrait, monkeypatch):
    (tmp_path / "a.jpg").write_bytes(portrait)
    with monkeypatch.context() as patched:
        batch._decoder.cache_clear()  # its child is to see what is patched
        patched.setattr("app.decoder.photo.decode_unlimited", lambda _: os.abort())
        entry = batch.estimate_one("a.jpg", tmp_path / "a.jpg")
        assert (entry["line"]["error"], bool(entry["stamp"])) == ("bad_image", True)
    assert batch.estimate_one("a.jpg", tmp_path / "a.jpg")["line"]["faces"]


def test_a_single_photo_is_a_folder_of_one(folder, tmp_path):
    out = tmp_path / "faces.jsonl"
    assert estimate(folder / "portrait.JPG", "--out", out).exit_code == 0
    assert json.loads(out.read_text())["file"] == "portrait.JPG"


def test_a_table_beside_the_photos_does_not_judge_itself(tmp_path, portrait):
    (tmp_path / "a.jpg").write_bytes(portrait)
    begun(tmp_path, tmp_path / "faces.csv")
    assert "1 file, 1 already done" in estimate(tmp_path, "--out", tmp_path / "faces.csv").output
    assert "2 files" in estimate(tmp_path, "--out", tmp_path / "again.CSV").output
    assert rows(tmp_path / "faces.csv") == rows(tmp_path / "again.CSV")


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("faces.xlsx", ".csv, .jsonl, .parquet"),
        ("old.csv", "already exists"),
        ("new.csv", "no photos"),
        ("new/new.csv", "no photos"),
        ("old.csv/new.csv", "File exists"),
        ("x" * 250 + ".csv", "File name too long"),
    ],
)
def test_an_impossible_run_is_refused_in_words_and_changes_no_file(tmp_path, out, message):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "notes.txt").write_text("no picture")
    (tmp_path / "old.csv").write_text("results")
    refused = estimate(tmp_path / "photos", "--out", tmp_path / out)
    assert refused.exit_code
    assert message in refused.output.splitlines()[-1]
    assert isinstance(refused.exception, SystemExit)
    assert (tmp_path / "old.csv").read_text() == "results"
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"old.csv", "notes.txt"}


def test_an_empty_folder_has_no_photos(tmp_path):
    (tmp_path / "photos" / ".hidden").mkdir(parents=True)
    refused = estimate(tmp_path / "photos", "--out", tmp_path / "new" / "faces.csv")
    assert refused.output.splitlines() == [
        "not judged: 1",
        "  .hidden: hidden or system",
        "left out: 1 hidden or system",
        f"Error: no photos in {tmp_path}/photos",
    ]
    assert not (tmp_path / "new").exists()


def test_parquet_without_its_package_and_a_folder_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setattr("app.packages.find_spec", lambda _: None)
    assert "pip install pyarrow" in estimate(tmp_path, "--out", "a.parquet").output
    assert "does not exist" in estimate(tmp_path / "gone").output


def test_a_second_run_at_once_is_refused(folder, tmp_path):
    out = tmp_path / "faces.csv"
    with opened(tmp_path / "faces.csv.unfinished", made_from(shown(folder), 10)):
        refused = estimate(folder, "--out", out)
    assert (refused.exit_code, out.exists()) == (1, False)
    assert "another run is writing" in refused.output


def test_a_full_disk_stops_the_run_in_words_and_the_same_command_continues(folder, tmp_path):
    out = tmp_path / "faces.csv"
    run = command(folder, out, "--workers", "1")
    full = subprocess.run(["prlimit", "--fsize=900", *run], capture_output=True, text=True)
    assert full.returncode == 1
    assert full.stderr == (
        f"Error: {out}.unfinished: File too large; fix this, then run the same command again to"
        " continue\n"
    )
    assert not out.exists()
    assert "already done" in estimate(folder, "--out", out).output
    assert len(rows(out)) == 8


def test_a_folder_that_may_not_be_written_to_is_named(folder, tmp_path):
    (tmp_path / "closed").mkdir(mode=0o500)
    out = tmp_path / "closed" / "faces.csv"
    refused = subprocess.run([*AS_USER, *command(folder, out)], capture_output=True, text=True)
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Error: {out}.unfinished: Permission denied")
