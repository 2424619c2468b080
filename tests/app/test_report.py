"""`--pictures` and `--report`: annotated copies, and one page that says what was found."""

import io
import os
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from app import copies, report
from app.__main__ import main
from app.annotate import annotated
from app.estimate import listed
from deploy.testing.photos import five_faces

HOSTILE = "<script>alert(1)<.jpg"


def estimate(*args, **options):
    return CliRunner().invoke(main, ["estimate", *map(str, args), "--workers", "1"], **options)


@pytest.fixture(scope="module")
def made(tmp_path_factory, portrait, group, landscape):
    """A folder of photos and other files, and what a run made of it."""
    root = tmp_path_factory.mktemp("run")
    folder = root / "photos"
    for name, data in {
        HOSTILE: portrait,
        "年会/group.png": group[0],
        os.fsdecode(b"\xd5\xc5.jpg"): portrait,
        "landscape.jpg": landscape,
        "broken.jpg": portrait[:3000],
        "line\nbreak.txt": b"no picture",
        ".hidden": b"x",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    run = ["--out", root / "t" / "a.csv", "--pictures", root / "p" / "q"]
    done = estimate(folder, *run, "--report", root / "r" / "s" / "a.html")
    assert done.exit_code == 0, done.output
    return root


def test_each_photo_with_faces_has_an_annotated_copy_under_its_name(made):
    drawn = made / "p" / "q"
    found = {os.fsencode(path.relative_to(drawn)) for path in drawn.rglob("*") if path.is_file()}
    assert found == {HOSTILE.encode(), "年会/group.png.jpg".encode(), b"\xd5\xc5.jpg"}
    before = Image.open(made / "photos" / HOSTILE).convert("RGB")
    after = Image.open(drawn / HOSTILE)
    assert after.size == before.size
    changed = np.abs(np.asarray(after, int) - np.asarray(before, int)).max(axis=2) > 60
    rows, columns = np.nonzero(changed)
    assert 10 < rows.min() < rows.max() < 190  # around the face and above it, nowhere else
    assert 150 < columns.min() < columns.max() < 300


def test_the_page_needs_no_other_file_and_names_everything(made):
    page = (made / "r" / "s" / "a.html").read_text("utf-8")
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(1)&lt;.jpg" in page
    assert page.count("data:image/jpeg;base64,") == 4
    assert not re.findall(r'(?:src|href)="(?!data:|\.\./\.\./p/q/)', page)
    for name in (r"\xd5\xc5.jpg", r"line\nbreak.txt", ".hidden", "broken.jpg", "年会/group.png"):
        assert name in page
    assert "The image is broken or cut off." in page
    for link in re.findall(r'href="([^"]+)"', page):
        path = made / "r" / "s" / os.fsdecode(re.sub(
            rb"%(..)", lambda code: bytes.fromhex(code[1].decode()), link.encode()
        ))  # fmt: skip
        assert path.exists(), link


def test_nothing_is_left_beside_what_was_asked_for(made):
    assert {path.name for path in made.iterdir()} == {"photos", "t", "p", "r"}
    for folder, names in {"t": ["a.csv"], "p": ["q"], "r": ["s"], "r/s": ["a.html"]}.items():
        assert [path.name for path in (made / folder).iterdir()] == names


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--pictures", "photos"], "photos already exists: move it or choose another --pictures"),
        (["--report", "old.html"], "old.html already exists: move it or choose another --report"),
        (["--report", "new.csv"], "--out, --report and --pictures must differ"),
    ],
)
def test_what_exists_is_not_replaced(tmp_path, monkeypatch, portrait, options, said):
    monkeypatch.chdir(tmp_path)
    Path("photos").mkdir()
    Path("photos", "a.jpg").write_bytes(portrait)
    Path("old.html").write_text("mine")
    done = estimate("photos", "--out", "new.csv", *options)
    assert done.output == f"Error: {said}\n"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.jpg", "old.html", "photos"]
    assert Path("old.html").read_text() == "mine"


def test_names_from_a_list_are_judged_and_their_copies_stay_in_the_folder(
    tmp_path, monkeypatch, portrait
):
    monkeypatch.chdir(tmp_path)
    for name in ("a.jpg", "sub/a.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(portrait)
    (tmp_path / "sub" / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    names = f"../a.jpg\r\n{tmp_path}/sub/a.jpg\ngone.jpg\n"
    run = ["-", "--out", "out.csv", "--no-bom", "--pictures", "p"]
    done = estimate(*run, input=names.encode())
    assert "  gone.jpg: No such file or directory\n" in done.output
    assert "3 photos, 2 faces; 1 photo refused" in done.output
    text = Path("out.csv").read_bytes()
    assert text.startswith(b'"file",')
    assert [line.split(b",")[0] for line in text.splitlines()[1:]] == [
        b'"../a.jpg"', f'"{tmp_path}/sub/a.jpg"'.encode(), b'"gone.jpg"',
    ]  # fmt: skip
    copied = [path.relative_to("p") for path in Path("p").rglob("*.jpg")]
    assert sorted(copied) == sorted([Path("a.jpg"), Path(*tmp_path.parts[1:], "sub", "a.jpg")])


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (b"a b.jpg\n\n \xd5.jpg\r\nc.jpg", [b"a b.jpg", b" \xd5.jpg", b"c.jpg"]),
        (b"a\nb.jpg\0c.jpg\0", [b"a\nb.jpg", b"c.jpg"]),
        (b"", []),
    ],
)
def test_a_list_has_a_name_a_line_or_before_each_nul(data, names, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert [os.fsencode(path) for path in listed()] == names


def test_no_copy_takes_the_place_of_another():
    names = [Path(name) for name in ("a.png", "a.png.jpg", "../b.JPG", "b.JPG", "/b.JPG")]
    places = [str(place) for place in copies.places(names, Path("p"))]
    assert places == ["p/a.png.jpg", "p/a.png.jpg.jpg", "p/b.JPG", "p/b.JPG.jpg", "p/b.JPG.jpg.jpg"]
    long = [Path("龄" * 83 + end) for end in (".png", ".bmp", ".jpg")]
    shorter = {place.name for place in copies.places(long, Path("p"))}
    assert len(shorter) == 3
    assert all(len(name.encode(errors="surrogateescape")) <= 255 for name in shorter)


def test_a_photo_that_is_gone_meanwhile_has_no_copy_and_its_place_on_the_page_says_so(tmp_path):
    line = {"file": "a.jpg", "image": {"width": 4, "height": 3}, "faces": [], "faces_not_judged": 0}
    assert copies.make(copies.Copy(line, tmp_path / "a.jpg", None, small=True)) == b""
    page = report.written([report.Sheet(line, b"", None)], [line], {}, "photos")
    assert "no longer there" in page
    assert "No face was found." in page


@pytest.mark.parametrize("left", [-20, 130, 260])
@pytest.mark.parametrize("top", [-30, 60, 150])
@pytest.mark.parametrize("gender", ["Female", "Male"])
def test_labels_are_whole_wherever_the_face_is(left, top, gender):
    def ink(left, top):
        box = {"left": left, "top": top, "width": 60, "height": 80}
        face = {"box": box, "age": 100.0, "gender": gender}
        pixels = annotated(Image.new("RGB", (300, 200), (160, 160, 160)), [face], 1.0)
        red, _, blue = np.asarray(pixels, int).transpose(2, 0, 1)
        return (red < 60).sum(), (red > blue + 60).sum()  # figures, sign

    assert ink(left, top) == pytest.approx(ink(120, 100), rel=0.1)
    assert min(ink(left, top)) > 10


def test_a_group_is_framed_where_its_faces_are():
    wall, centres = five_faces()
    boxes = [
        {"left": x - 40, "top": y - 50, "width": 80, "height": 100} for x, y in centres.astype(int)
    ]
    faces = [{"box": box, "age": 38.4, "gender": "Female"} for box in boxes]
    drawn = np.asarray(annotated(wall.resize((600, 400)), faces, 2.0), int)
    for box in boxes:
        middle = drawn[box["top"] // 2 + 25, box["left"] // 2 - 1 : box["left"] // 2 + 3]
        assert middle.min(axis=1).max() > 220
