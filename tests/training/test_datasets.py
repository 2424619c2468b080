from training.datasets import Record, aaf, utkface


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_utkface_reads_age_and_gender_from_the_name(tmp_path):
    young, old = "part1/7_1_3_20170109150557335.jpg.chip.jpg", "116_0_0_20170112213.jpg.chip.jpg"
    touch(tmp_path, young, old, "61_1_20170109150557335.jpg.chip.jpg", "readme.txt")
    assert utkface.read(tmp_path) == [
        Record(tmp_path / old, 100, 0, "utkface", border=0.2),
        Record(tmp_path / young, 7, 1, "utkface", border=0.2),
    ]


def test_aaf_knows_gender_by_the_number(tmp_path):
    touch(tmp_path, "00000A02.jpg", "07380A45.webp", "07381A80.png", "list.txt")
    assert aaf.read(tmp_path) == [
        Record(tmp_path / "00000A02.jpg", 2, 1, "aaf"),
        Record(tmp_path / "07380A45.webp", 45, 1, "aaf"),
        Record(tmp_path / "07381A80.png", 80, 0, "aaf"),
    ]
