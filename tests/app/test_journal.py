"""A journal continues the run that it belongs to, and no other."""

import json

import pytest

from app.journal import JournalError, made_from, opened

SOURCE = {"folder": "/photos/a", "weights": "1.0 aa", "version of the code": "cc"}
ENTRIES = [
    {"stamp": [9, 10**18], "line": {"file": name, "faces": []}} for name in ("a.jpg", "张三.jpg")
]


@pytest.fixture
def path(tmp_path):
    """A journal with two entries."""
    path = tmp_path / "faces.csv.unfinished"
    with opened(path, SOURCE) as journal:
        for entry in ENTRIES:
            journal.append(entry)
    return path


def entries(path, **options):
    with opened(path, SOURCE, **options) as journal:
        return list(journal.entries.values())


def test_it_is_resumed_or_begun_again(path):
    assert entries(path) == ENTRIES
    assert entries(path, restart=True) == []
    assert entries(path) == []


def test_every_cut_costs_the_last_line_at_most(path):
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert entries(path) == ENTRIES[: max(0, whole[:length].count(b"\n") - 1)]
        with opened(path, SOURCE) as journal:
            journal.append(ENTRIES[1])
        assert entries(path)[-1] == ENTRIES[1]


def test_the_latest_entry_of_a_file_counts(path):
    newer = {"stamp": [8, 10**18], "line": {"file": "a.jpg", "error": "bad_image"}}
    with opened(path, SOURCE) as journal:
        journal.append(newer)
    with opened(path, SOURCE) as journal:
        assert journal.entries["a.jpg"] == newer
        assert journal.stamp("a.jpg") == [8, 10**18]
        assert journal.stamp("new.jpg") is None


@pytest.mark.parametrize("key", SOURCE)
def test_one_made_from_something_else_is_refused_and_kept(path, key):
    before = path.read_bytes()
    now = SOURCE | {key: "other"}
    with (
        pytest.raises(JournalError, match=rf"another {key}, {SOURCE[key]}, not other.*--restart"),
        opened(path, now),
    ):
        pass
    assert path.read_bytes() == before
    with opened(path, now, restart=True) as journal:
        assert journal.entries == {}


@pytest.mark.parametrize(
    "content",
    [
        b'{"file": "a.jpg", "image": {}, "faces": []}\n',  # without a first line of its own
        b"no journal",
        b"no journal\n",
        b'{"made_from": 5}\n',
        json.dumps({"made_from": SOURCE}).encode() + b"\n5\n",
        json.dumps({"made_from": SOURCE}).encode() + b"\n\0\xff\0\n{}\n",
    ],
)
def test_a_broken_one_or_an_old_one_is_refused_and_kept(path, content):
    path.write_bytes(content)
    with (
        pytest.raises(JournalError, match=r"broken, or from another version.*--restart"),
        opened(path, SOURCE),
    ):
        pass
    assert path.read_bytes() == content


def test_a_second_run_at_once_is_refused(path):
    with opened(path, SOURCE), pytest.raises(JournalError, match="another run is writing"):
        entries(path, restart=True)
    assert entries(path) == ENTRIES


def test_it_is_made_from_the_folder_the_weights_and_the_code(tmp_path, monkeypatch):
    source = made_from("/photos", 10)
    assert source["folder"] == "/photos"
    assert made_from("/photos", 5) == source | {"--every": "5"}
    changed = tmp_path / "photo.py"
    changed.write_text("MAX_BYTES = 1")
    monkeypatch.setattr("app.journal.CODE", [changed])
    assert made_from("/photos", 10)["version of the code"] != source["version of the code"]
    facts = {"version": "9", "sha256": {"int8.onnx": "f" * 64}}
    monkeypatch.setattr("app.journal.metadata", lambda: facts)
    assert made_from("/photos", 10)["weights"] == "9 ffffffffffff"
