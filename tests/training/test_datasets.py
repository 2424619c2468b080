from pathlib import Path

import pytest

from training.datasets import DataSetError, Record, table
from training.prepare import READERS


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_utkface_reads_age_and_gender_from_the_name(tmp_path):
    young, old = "part1/7_1_3_20170109150557335.jpg.chip.jpg", "116_0_0_20170112213.jpg.chip.jpg"
    nameless = "61_1_20170109150557335.jpg.chip.jpg"
    touch(tmp_path, young, old, nameless, "readme.txt")
    assert READERS["utkface"](tmp_path) == [
        Record(tmp_path / old, 100, 100, 0, "utkface", race="White", border=0.2),
        Record(tmp_path / nameless, None, None, None, "utkface", problem="no label in its name"),
        Record(tmp_path / young, 7, 7, 1, "utkface", race="Indian", border=0.2),
    ]


@pytest.mark.parametrize(
    ("name", "border"),
    [
        ("24_0_1_20170116220224657 .jpg.chip.jpg", 0.2),
        ("24_0_1_20170116220224657jpg.chip.jpg", 0.2),
        ("24_0_1_.JPG", 0.0),
        ("24_0_1_20170116220224657.jpg", 0.0),
    ],
)
def test_utkfaces_whole_photos_and_typing_errors_behind_the_labels_are_read(tmp_path, name, border):
    touch(tmp_path, f"part1/{name}")
    (record,) = READERS["utkface"](tmp_path)
    assert (record.age_low, record.gender, record.race) == (24, 0, "Black")
    assert record.border == border
    assert record.person == f"utkface/{name}" + ("" if border else ".chip.jpg")


def test_aaf_reads_gender_from_the_number(tmp_path):
    touch(tmp_path, "00000A02.jpg", "07380A45.webp", "07381A80.png", "list.txt")
    assert READERS["aaf"](tmp_path) == [
        Record(tmp_path / "00000A02.jpg", 2, 2, 1, "aaf"),
        Record(tmp_path / "07380A45.webp", 45, 45, 1, "aaf"),
        Record(tmp_path / "07381A80.png", 80, 80, 0, "aaf"),
    ]


FAIRFACE = """file,age,gender,race,service_test
train/2.jpg,more than 70,Female,Black,False
train/1.jpg,3-9,Male,East Asian,True
"""


def test_fairface_reads_ranges_and_refuses_other_ages(tmp_path):
    labels = tmp_path / "fairface_label_train.csv"
    labels.write_text(FAIRFACE)
    assert READERS["fairface"](tmp_path) == [
        Record(tmp_path / "train/1.jpg", 3, 9, 0, "fairface", race="East Asian"),
        Record(tmp_path / "train/2.jpg", 70, 100, 1, "fairface", race="Black"),
    ]
    labels.write_text(FAIRFACE.replace("3-9", "9-Mar"))  # as a spreadsheet makes of it
    with pytest.raises(DataSetError, match=r"fairface_label_train\.csv, line 3: .*'9-Mar'"):
        READERS["fairface"](tmp_path)


def test_afad_reads_age_and_gender_from_the_folder(tmp_path):
    first, second, third = "18/111/7-1.jpg", "18/112/9-0.jpg", "40/111/3.jpg"
    touch(tmp_path / "AFAD-Full", second, first, third, "18/111/Thumbs.db")
    touch(tmp_path, "README.txt")
    assert READERS["afad"](tmp_path) == [
        Record(tmp_path / "AFAD-Full" / first, 18, 18, 0, "afad", first),
        Record(tmp_path / "AFAD-Full" / second, 18, 18, 1, "afad", second),
        Record(tmp_path / "AFAD-Full" / third, 40, 40, 0, "afad", third),
    ]


APPA_REAL = "file_name,num_ratings,apparent_age_avg,apparent_age_std,real_age\n"


def test_appa_real_reads_the_apparent_age_and_genders_where_they_are(tmp_path):
    release = tmp_path / "appa-real-release"
    touch(release, "train/000000.jpg", "train/000000.jpg_face.jpg", "gt_train.csv")
    train = "000001.jpg,36,40.611111,6.2,36\n000000.jpg,38,4.394737,1.1,4\n"
    (release / "gt_avg_train.csv").write_text(APPA_REAL + train)
    (release / "gt_avg_test.csv").write_text(APPA_REAL + "005613.jpg,40,61.5003,5.9,68\n")
    assert READERS["appa-real"](release) == [
        Record(release / "test/005613.jpg", 62, 62, None, "appa-real"),
        Record(release / "train/000000.jpg", 4, 4, None, "appa-real"),
        Record(release / "train/000001.jpg", 41, 41, None, "appa-real"),
    ]
    (extra := release / "allcategories_trainvalidtest_split").mkdir()
    genders = "file,gender\n000000.jpg,female\n000001.jpg,male\n"
    (extra / "allcategories_train.csv").write_text(genders)
    assert [record.gender for record in READERS["appa-real"](release)] == [None, 1, 0]


def test_megaage_asian_reads_its_lists_line_by_line(tmp_path):
    (tmp_path / "list").mkdir()
    for split, names, ages in (("train", "2.jpg\n1.jpg\n", "70\n3\n"), ("test", "1.jpg\n", "25\n")):
        (tmp_path / f"list/{split}_name.txt").write_text(names)
        (tmp_path / f"list/{split}_age.txt").write_text(ages)
    assert READERS["megaage-asian"](tmp_path) == [
        Record(tmp_path / "test/1.jpg", 25, 25, None, "megaage-asian", "test/1.jpg"),
        Record(tmp_path / "train/1.jpg", 3, 3, None, "megaage-asian", "train/1.jpg"),
        Record(tmp_path / "train/2.jpg", 70, 70, None, "megaage-asian", "train/2.jpg"),
    ]
    (tmp_path / "list/train_age.txt").write_text("70\n")
    with pytest.raises(DataSetError, match=r"2 photos, but .* has 1 ages"):
        READERS["megaage-asian"](tmp_path)
    (tmp_path / "list/train_age.txt").write_text("70\n?\n")
    with pytest.raises(DataSetError, match=r"train_age.txt, line 2: .*'\?'"):
        READERS["megaage-asian"](tmp_path)


def test_fg_net_reads_person_and_age_from_the_name(tmp_path):
    touch(tmp_path, "images/002A03.JPG", "images/001A43a.JPG", "images/001a02.jpg")
    touch(tmp_path, "points/001a02.pts", "images/001A02.JPG.txt")
    assert READERS["fg-net"](tmp_path) == [
        Record(tmp_path / "images/001A43a.JPG", 43, 43, None, "fg-net", identity="fg-net/001"),
        Record(tmp_path / "images/001a02.jpg", 2, 2, None, "fg-net", identity="fg-net/001"),
        Record(tmp_path / "images/002A03.JPG", 3, 3, None, "fg-net", identity="fg-net/002"),
    ]


OWN = """file,age,gender,identity
photos/b.jpg, 34 ,Female,Anna
/elsewhere/c.jpg,20-29,,
photos/a.jpg,0,male
"""


def test_your_own_photos_are_listed_in_a_table(tmp_path):
    (tmp_path / "labels.csv").write_text(OWN, encoding="utf-8-sig")  # as a spreadsheet saves it
    absolute, first, second = Path("/elsewhere/c.jpg"), "photos/a.jpg", "photos/b.jpg"
    assert sorted(READERS["own"](tmp_path), key=lambda record: record.path.name) == [
        Record(tmp_path / first, 0, 0, 0, "own", first),
        Record(tmp_path / second, 34, 34, 1, "own", second, identity="own/Anna"),
        Record(absolute, 20, 29, None, "own", str(absolute)),
    ]
    (tmp_path / "labels.csv").write_text("age,file\n7,b.jpg\n8,a.jpg\n")  # the rest is optional
    assert READERS["own"](tmp_path)[1] == Record(tmp_path / "b.jpg", 7, 7, None, "own", "b.jpg")


@pytest.mark.parametrize(
    ("labels", "complaint"),
    [
        (OWN.replace("age,", "years,"), "line 1: no column 'age'"),
        ("", "line 1: no column 'file'"),
        (OWN.replace(" 34 ", "old"), "line 2: .*'old'"),
        (OWN.replace("20-29", "29-20"), "line 3: .*'29-20'"),
        (OWN.replace("20-29", ""), "line 3: .*''"),
        (OWN.replace(",male", ",man"), "line 4: .*'man'"),
        (OWN.replace("photos/a.jpg", " "), "line 4: .*file is empty"),
        (OWN.replace("b.jpg", "b,c.jpg", 1), "line 2: 5 cells, but 4 columns"),
        (OWN.replace("b.jpg", "\xfc.jpg").encode("latin-1"), "line 2: .*save it as .CSV UTF-8."),
        (b"PK\x03\x04 an Excel file", "is a workbook.*save it as .CSV UTF-8."),
        ("file,age\n", "has no photos in its labels.csv"),
    ],
)
def test_your_own_photos_with_an_invalid_label_are_refused(tmp_path, labels, complaint):
    content = labels if isinstance(labels, bytes) else labels.encode()
    (tmp_path / "labels.csv").write_bytes(content)
    with pytest.raises(DataSetError, match=f"labels.csv.*{complaint}|{complaint}"):
        READERS["own"](tmp_path)


SAVED = """File,Age,Gender
photos\\a.jpg,34.0,男
photos\\张三.jpg,20-29,F
,,
photos\\c.jpg,70+,
,,
"""


@pytest.mark.parametrize(
    "content",
    [
        SAVED.encode(),
        SAVED.encode("utf-8-sig"),
        SAVED.encode("gbk"),
        SAVED.encode("utf-16"),
        b"\xfe\xff" + SAVED.encode("utf-16-be"),
        SAVED.replace(",", "\t").encode("utf-16-le"),
        SAVED.replace(",", ";").replace("34.0", "34,0").encode("utf-8-sig"),
        ("sep=;\n" + SAVED.replace(",", ";")).encode(),
        SAVED.replace("\n", "\r\n").encode(),
        ("\n,,\n" + SAVED.replace("File,Age", " FILE , age ")).encode(),
    ],
    ids=["plain", "mark", "gbk", "utf16", "be", "tabs", "semicolons", "sep", "crlf", "spaces"],
)
def test_tables_are_read_as_spreadsheets_save_them(tmp_path, content):
    (tmp_path / "labels.csv").write_bytes(content)
    read = [(record.name, record.age_low, record.gender) for record in READERS["own"](tmp_path)]
    assert sorted(read) == [
        ("photos/a.jpg", 34, 0),
        ("photos/c.jpg", 70, None),
        ("photos/张三.jpg", 20, 1),
    ]


LISTS = {
    "fairface": ("labels.csv", "file;age;gender\nval\\1.jpg;3-9;M\n;;\n"),
    "appa-real": ("gt_avg_val.csv", "File_Name\tapparent_age_avg\n1.jpg\t5,6\n"),
    "megaage-asian": ("list/val_name.txt", "1.jpg\n\n"),
    "own": ("labels.csv", "file;age\nval\\1.jpg;6\n"),
}


@pytest.mark.parametrize("name", LISTS)
def test_every_table_and_list_may_come_from_a_spreadsheet(tmp_path, name):
    file, content = LISTS[name]
    touch(tmp_path, file)
    (tmp_path / "list").mkdir(exist_ok=True)
    (tmp_path / "list/val_age.txt").write_text("6.0\n", encoding="utf-16")
    (tmp_path / file).write_text(content, encoding="utf-16")
    (record,) = READERS[name](tmp_path)
    assert (record.path, record.age_high) == (
        tmp_path / "val/1.jpg",
        9 if name == "fairface" else 6,
    )


PHOTOS = {
    "utkface": "7_1_3_2017.jpg.chip.jpg",
    "aaf": "00000A02.jpg",
    "afad": "18/111/7-1.jpg",
    "fg-net": "images/002A03.JPG",
}


@pytest.mark.parametrize("name", READERS)
def test_what_macos_leaves_behind_is_not_looked_at(tmp_path, name):
    file, content = LISTS.get(name, (PHOTOS.get(name), ""))
    if name == "imdb-wiki":  # its table is tried elsewhere
        file, content = "wiki/wiki.mat", None
    hidden = Path(file).with_name(f"._{Path(file).name}")
    touch(tmp_path, f"__MACOSX/{hidden}", hidden, f"__MACOSX/{file}", ".DS_Store")
    for leftover in tmp_path.rglob("._*"):
        leftover.write_bytes(b"\0\5\x16\7\0\2\0\0Mac OS X        " + b"\xa3\0\xff" * 40)
    with pytest.raises(DataSetError, match=f"^{tmp_path} has no "):
        READERS[name](tmp_path)
    if content is not None:
        touch(tmp_path, file)
        (tmp_path / file).write_text(content)
        touch(tmp_path, "list/val_age.txt")
        (tmp_path / "list/val_age.txt").write_text("6\n")
        assert len(READERS[name](tmp_path)) == 1


@pytest.mark.parametrize("name", READERS)
def test_a_folder_of_another_layout_or_none_is_named(tmp_path, name):
    touch(tmp_path, "holiday.jpg", "notes.txt")
    with pytest.raises(DataSetError, match=f"^{tmp_path} has no .*(jpg|JPG|csv|mat|photo)"):
        READERS[name](tmp_path)
    with pytest.raises(DataSetError, match="absent"):
        READERS[name](tmp_path / "absent")


@pytest.mark.parametrize("name", ["utkface", "aaf", "afad", "fg-net"])
def test_photos_without_a_label_in_their_name_are_counted(tmp_path, name):
    touch(tmp_path, PHOTOS[name], "holiday.jpg")
    assert sorted(record.problem for record in READERS[name](tmp_path)) == [
        "", "no label in its name"
    ]  # fmt: skip


def test_photos_of_one_name_are_kept_apart(tmp_path):
    for split in ("train", "val"):
        labels = f"file,age,gender\n{split}/1.jpg,3-9,Male\n{split}/{split}.jpg,3-9,Male\n"
        (tmp_path / f"fairface_label_{split}.csv").write_text(labels)
    keys = [record.key for record in READERS["fairface"](tmp_path)]
    assert keys == [f"fairface/{name}" for name in ("1.jpg", "train.jpg", "val/1.jpg", "val.jpg")]
    (tmp_path / "again_label.csv").write_text("file,age,gender\nval/1.jpg,3-9,Male\n")
    keys = [record.key for record in READERS["fairface"](tmp_path)]
    assert keys.count("fairface/1.jpg") == 2  # one photo, listed twice
    assert keys.count("fairface/train/1.jpg") == 1


def test_numbers_have_a_point_or_a_comma(tmp_path):
    row = table.Row(tmp_path / "x.csv", 7, {"age": "5,5", "bad": "n/a"})
    assert row.number("age") == 5.5
    with pytest.raises(DataSetError, match=r"line 7: .*'n/a'"):
        row.number("bad")
