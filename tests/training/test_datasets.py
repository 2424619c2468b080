from pathlib import Path

import pytest

from training.datasets import Record
from training.prepare import READERS


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_utkface_reads_age_and_gender_from_the_name(tmp_path):
    young, old = "part1/7_1_3_20170109150557335.jpg.chip.jpg", "116_0_0_20170112213.jpg.chip.jpg"
    touch(tmp_path, young, old, "61_1_20170109150557335.jpg.chip.jpg", "readme.txt")
    assert READERS["utkface"](tmp_path) == [
        Record(tmp_path / old, 100, 100, 0, "utkface", race="White", border=0.2),
        Record(tmp_path / young, 7, 7, 1, "utkface", race="Indian", border=0.2),
    ]


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
    table = tmp_path / "fairface_label_train.csv"
    table.write_text(FAIRFACE)
    assert READERS["fairface"](tmp_path) == [
        Record(tmp_path / "train/1.jpg", 3, 9, 0, "fairface", race="East Asian"),
        Record(tmp_path / "train/2.jpg", 70, 100, 1, "fairface", race="Black"),
    ]
    table.write_text(FAIRFACE.replace("3-9", "young"))
    with pytest.raises(ValueError, match="young"):
        READERS["fairface"](tmp_path)


def test_afad_reads_age_and_gender_from_the_folder(tmp_path):
    first, second, third = "18/111/7-1.jpg", "18/112/9-0.jpg", "40/111/3.jpg"
    touch(tmp_path / "AFAD-Full", second, first, third, "18/111/Thumbs.db", "18/113/8.jpg")
    touch(tmp_path, "15/7.jpg", "README.txt")
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
    with pytest.raises(ValueError, match="zip"):  # lists of unequal length
        READERS["megaage-asian"](tmp_path)


def test_fg_net_reads_person_and_age_from_the_name(tmp_path):
    touch(tmp_path, "images/002A03.JPG", "images/001A43a.JPG", "images/001a02.jpg")
    touch(tmp_path, "points/001a02.pts", "images/001A02.JPG.txt")
    touch(tmp_path, "__MACOSX/images/._002A03.JPG", "images/00000A02.jpg")
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
    ("table", "complaint"),
    [
        (OWN.replace("age,", "years,"), "line 1: no column 'age'"),
        ("", "line 1: no column 'file'"),
        (OWN.replace(" 34 ", "old"), "line 2: .*'old'"),
        (OWN.replace("20-29", "29-20"), "line 3: .*'29-20'"),
        (OWN.replace("20-29", ""), "line 3: .*''"),
        (OWN.replace(",male", ",man"), "line 4: .*'man'"),
    ],
)
def test_your_own_photos_with_an_invalid_label_are_refused(tmp_path, table, complaint):
    (tmp_path / "labels.csv").write_text(table)
    with pytest.raises(ValueError, match=complaint):
        READERS["own"](tmp_path)
