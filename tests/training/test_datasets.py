import pytest

from training.datasets import Record, aaf, fairface, utkface


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_utkface_reads_age_and_gender_from_the_name(tmp_path):
    young, old = "part1/7_1_3_20170109150557335.jpg.chip.jpg", "116_0_0_20170112213.jpg.chip.jpg"
    touch(tmp_path, young, old, "61_1_20170109150557335.jpg.chip.jpg", "readme.txt")
    assert utkface.read(tmp_path) == [
        Record(tmp_path / old, 100, 100, 0, "utkface", race="White", border=0.2),
        Record(tmp_path / young, 7, 7, 1, "utkface", race="Indian", border=0.2),
    ]


def test_aaf_knows_gender_by_the_number(tmp_path):
    touch(tmp_path, "00000A02.jpg", "07380A45.webp", "07381A80.png", "list.txt")
    assert aaf.read(tmp_path) == [
        Record(tmp_path / "00000A02.jpg", 2, 2, 1, "aaf"),
        Record(tmp_path / "07380A45.webp", 45, 45, 1, "aaf"),
        Record(tmp_path / "07381A80.png", 80, 80, 0, "aaf"),
    ]


FAIRFACE = """file,age,gender,race,service_test
train/2.jpg,more than 70,Female,Black,False
train/1.jpg,3-9,Male,East Asian,True
"""


def test_fairface_reads_ranges(tmp_path):
    (tmp_path / "fairface_label_train.csv").write_text(FAIRFACE)
    assert fairface.read(tmp_path) == [
        Record(tmp_path / "train/1.jpg", 3, 9, 0, "fairface", race="East Asian"),
        Record(tmp_path / "train/2.jpg", 70, 100, 1, "fairface", race="Black"),
    ]


def test_fairface_refuses_ages_that_it_does_not_know(tmp_path):
    (tmp_path / "labels.csv").write_text(FAIRFACE.replace("3-9", "young"))
    with pytest.raises(ValueError, match="young"):
        fairface.read(tmp_path)
