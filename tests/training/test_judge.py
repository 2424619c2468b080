import click
import pytest

from deploy.testing.photos import crowd


@pytest.fixture
def own(tmp_path, variant, landscape):
    """Four portraits of a woman of 35, and photos that cannot be judged."""
    photos = {f"{n}.jpg": variant(n) for n in range(4)}
    photos |= {"view.jpg": landscape, "five.jpg": crowd(), "broken.jpg": b"\xff\xd8"}
    for name, content in photos.items():
        (tmp_path / name).write_bytes(content)
    rows = [f"{n}.jpg,{age},{gender}" for n, (age, gender) in enumerate(LABELS)]
    rows += [f"{name}.jpg,30,male" for name in ("view", "five", "broken", "missing")]
    rows.append("0.jpg,150,female")
    (tmp_path / "labels.csv").write_text("\n".join(["file,age,gender", *rows]))
    return tmp_path


LABELS = [("35", "female"), ("35", "male"), ("85", ""), ("30-39", "female")]


def cells(text):
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_judges_the_weights_on_photos_of_your_own(own, call, capsys):
    call("judge", "--own", own)
    shown = capsys.readouterr().out
    table = {tuple(row[:2]): row[2:] for row in cells(shown)}
    counted = {row[0]: row[1] for row in cells(shown) if len(row) == 2}
    assert counted["judged"] == "4"
    assert {name.removeprefix("not judged: "): n for name, n in counted.items() if ":" in name} == {
        "no face": "1", "no dominant face": "1", "missing file": "1", "age absurd": "1",
        "unsupported_type": "1",
    }  # fmt: skip
    faces, mae, bias, _, in_label, covered, gender = table["own", "all"]
    assert (faces, gender) == ("4", "66.7%")
    assert float(mae) > 15 > 0 > float(bias)
    assert in_label.endswith("%")
    assert covered.endswith("%")
    assert float(table["own", "80-100"][2]) < -30
    assert abs(float(table["own", "30-39"][2])) < 12
    assert "apart on average" in shown


@pytest.mark.parametrize("labels", [None, "file,gender\n", "file,age\na.jpg,old\n"])
def test_labels_that_cannot_be_read_are_named(tmp_path, call, labels):
    if labels:
        (tmp_path / "labels.csv").write_text(labels)
    with pytest.raises(click.ClickException, match=r"labels\.csv"):
        call("judge", "--own", tmp_path)


def test_labels_without_genders_say_nothing_about_gender(own, call, capsys):
    (own / "labels.csv").write_text("file,age\n0.jpg,35\n")
    call("judge", "--own", own)
    shown = capsys.readouterr().out
    assert cells(shown)[-1][-1] == "–"
    assert "apart" not in shown


def test_a_folder_without_a_face_is_counted(tmp_path, call, capsys, landscape):
    (tmp_path / "view.jpg").write_bytes(landscape)
    (tmp_path / "labels.csv").write_text("file,age\nview.jpg,30\n")
    call("judge", "--own", tmp_path)
    assert cells(capsys.readouterr().out)[2:] == [["judged", "0"], ["not judged: no face", "1"]]
