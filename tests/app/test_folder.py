"""What the listing of a folder holds and what it leaves out."""

import os
from pathlib import Path

import pytest

from app.folder import HIDDEN, SPECIAL, listing, printed, shown


@pytest.fixture
def root(tmp_path):
    (tmp_path / "photos" / "trip").mkdir(parents=True)
    (tmp_path / "photos" / "trip" / "a.jpg").write_bytes(b"a")
    return tmp_path / "photos"


def found(root, **options):
    return listing([root], root if root.is_dir() else root.parent, **options)


def names(root, **options):
    return list(found(root, **options).files)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("图/张三.jpg".encode(), "图/张三.jpg"),
        (b"\xd5\xc5\xc8\xfd.jpg", r"\xd5\xc5\xc8\xfd.jpg"),  # 张三 in GBK
        (rb"\xd5.jpg", r"\\xd5.jpg"),
        (b"cut-\xe5\xbc.jpg", r"cut-\xe5\xbc.jpg"),
        (b"surrogate-\xed\xa0\x80.jpg", r"surrogate-\xed\xa0\x80.jpg"),
        (b"line\nbreak.jpg", "line\nbreak.jpg"),
    ],
)
def test_every_name_is_shown_in_utf_8_and_leads_to_its_file(root, raw, name):
    path = root / os.fsdecode(raw)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(raw)
    assert shown(path.relative_to(root)) == name
    assert found(root).files[name].path.read_bytes() == raw


def test_what_systems_keep_beside_photos_is_named_and_not_looked_at(root):
    left_out = ["._a.jpg", ".DS_Store", ".thumbs/a.jpg", "@eaDir/a.jpg", "#recycle/a.jpg"]
    left_out += ["trip/__MACOSX/a.jpg", "trip/Thumbs.db", "$RECYCLE.BIN/a.jpg"]
    for name in left_out:
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(b"x")
    assert names(root) == ["trip/a.jpg"]
    assert found(root).left_out == dict.fromkeys(
        [name.removesuffix("/a.jpg") for name in left_out], HIDDEN
    )
    assert names(root / "@eaDir") == ["a.jpg"]  # unless it is what was asked for
    assert sorted(names(root, hidden=True)) == sorted(["trip/a.jpg", *left_out])


@pytest.mark.parametrize(
    ("link", "target", "expected"),
    [
        ("loop", ".", ["trip/a.jpg"]),
        ("trip/up", "../..", ["trip/a.jpg"]),
        ("filesystem", "/", ["trip/a.jpg"]),
        ("again", "trip", ["trip/a.jpg"]),  # under its own name, not the link's
        ("album", "../elsewhere", ["album/b.jpg", "trip/a.jpg"]),
        ("b.jpg", "trip/a.jpg", ["b.jpg", "trip/a.jpg"]),
        ("nowhere.jpg", "gone", ["nowhere.jpg", "trip/a.jpg"]),
        ("self.jpg", "self.jpg", ["self.jpg", "trip/a.jpg"]),
    ],
)
def test_links_are_followed_once(root, link, target, expected):
    (root.parent / "elsewhere").mkdir()
    (root.parent / "elsewhere" / "b.jpg").write_bytes(b"b")
    (root / link).symlink_to(target)
    assert names(root) == expected


def test_two_links_to_one_folder_give_its_files_once(root, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "b.jpg").write_bytes(b"b")
    for link in ("second", "first"):
        (root / link).symlink_to("../elsewhere")
    assert names(root) == ["first/b.jpg", "trip/a.jpg"]


def test_pipes_and_devices_are_named_and_not_opened(root):
    os.mkfifo(root / "pipe.jpg")
    (root / "zero.jpg").symlink_to("/dev/zero")
    assert names(root) == ["trip/a.jpg"]
    assert found(root).left_out == dict.fromkeys(("pipe.jpg", "zero.jpg"), SPECIAL)
    assert found(root / "pipe.jpg").left_out == {"pipe.jpg": SPECIAL}


def test_the_runs_own_files_are_left_out_and_a_single_file_is_a_listing(root):
    own = [root / "faces.csv.unfinished", root / "pictures"]
    own[0].write_text("{}")
    own[1].mkdir()
    (own[1] / "a.jpg").write_bytes(b"a")
    assert names(root, own=own) == ["trip/a.jpg"]
    assert names(root / "trip" / "a.jpg") == ["a.jpg"]


def test_several_roots_give_names_as_they_were_written_each_file_once(root, monkeypatch):
    monkeypatch.chdir(root.parent)
    (root / "b.jpg").write_bytes(b"b")
    roots = map(Path, ("photos/trip", "photos", root / "b.jpg", "gone.jpg", "photos/trip"))
    files = listing(list(roots), None).files
    assert {name: file.named for name, file in files.items()} == {
        f"{root}/b.jpg": True,
        "gone.jpg": True,
        "photos/b.jpg": False,
        "photos/trip/a.jpg": False,
    }


def test_what_a_terminal_would_obey_is_escaped_in_messages():
    assert printed("a\nb\x1b[31m\u202e张三.jpg") == r"a\nb\x1b[31m\u202e张三.jpg"


def test_a_replaced_file_has_another_stamp(root):
    file = root / "trip" / "a.jpg"
    stamps = []
    for content, time in [(b"a", 10**18), (b"b", 10**18 + 1), (b"bb", 10**18 + 1)]:
        file.write_bytes(content)
        os.utime(file, ns=(time, time))
        stamps.append(found(root).files["trip/a.jpg"].stamp)
    assert len({tuple(stamp) for stamp in stamps}) == 3
