from datetime import date

import numpy as np
from scipy.io import savemat

from training.datasets import Record, imdb_wiki

NAN, NO_FACE = np.nan, -np.inf
LOCATION, FACE = (112.5, 31.0, 253.0, 170.25), (111.5, 30.0, 253.0, 170.25)


def matlab(year, month, day):
    """MATLAB's date number: `datenum(1970, 1, 1)` is 719529."""
    return date(year, month, day).toordinal() - date(1970, 1, 1).toordinal() + 719529


def cells(values):
    array = np.empty((1, len(values)), object)
    array[0, :] = values
    return array


def write(folder, source, rows):
    """A table structured like the published ones."""
    full_path, dob, taken, gender, name, first, second = zip(*rows, strict=True)
    table = {
        "dob": np.array([dob], np.int32),
        "photo_taken": np.array([taken], np.uint16),
        "full_path": cells(full_path),
        "gender": np.array([gender], float),
        "name": cells(name),
        "face_location": cells([np.array([LOCATION])] * len(rows)),
        "face_score": np.array([first], float),
        "second_face_score": np.array([second], float),
    }
    folder.mkdir(parents=True)
    savemat(folder / f"{source}.mat", {source: table}, do_compression=True)


def ages(folder, *births):
    """The ages read for each (dob, photo_taken)."""
    rows = [(f"{i}.jpg", dob, taken, 1, "A", 1, NAN) for i, (dob, taken) in enumerate(births)]
    write(folder / "wiki", "wiki", rows)
    records = imdb_wiki.read(folder)
    assert all(record.age_low == record.age_high for record in records)
    return [record.age_low for record in records]


def test_imdb_and_wiki_are_read_with_genders_scores_and_identities(tmp_path):
    man = ("01/nm1_1980.jpg", matlab(1980, 6, 15), 2000, 1, "Fred", 1.4597, 1.1189)
    woman = ("00/nm2_1980.jpg", matlab(1980, 8, 15), 2000, 0, "Zoë", 4.33, NAN)
    nobody = ("17/10.jpg", matlab(1900, 1, 1), 1950, NAN, "", NO_FACE, NAN)
    write(tmp_path / "imdb", "imdb", [man, woman])
    write(tmp_path / "wiki", "wiki", [nobody, woman])
    paths = [tmp_path / path for path in ("imdb/" + woman[0], "imdb/" + man[0])]
    paths += [tmp_path / path for path in ("wiki/" + woman[0], "wiki/" + nobody[0])]
    assert imdb_wiki.read(tmp_path) == [
        Record(paths[0], 19, 19, 1, "imdb", "", "celebrity/Zoë", "", 4.33, None, FACE),
        Record(paths[1], 20, 20, 0, "imdb", "", "celebrity/Fred", "", 1.4597, 1.1189, FACE),
        Record(paths[2], 19, 19, 1, "wiki", "", "celebrity/Zoë", "", 4.33, None, FACE),
        Record(paths[3], 50, 50, None, "wiki", face_score=NO_FACE),
    ]


def test_crops_have_no_face_location(tmp_path):
    row = ("1.jpg", matlab(1950, 1, 1), 2010, 0, "A", 2, NAN)
    write(tmp_path / "imdb_crop", "imdb", [row])
    (record,) = imdb_wiki.read(tmp_path)
    assert (record.path, record.age_low, record.face) == (tmp_path / "imdb_crop/1.jpg", 60, None)


def test_photos_count_as_taken_in_the_middle_of_the_year(tmp_path):
    july = [(matlab(1980, 6, 30), 2000), (matlab(1980, 7, 1), 2000), (matlab(1980, 7, 2), 2000)]
    winter = [(matlab(1979, 12, 31), 2000), (matlab(1980, 1, 1), 2000), (matlab(2000, 2, 29), 2000)]
    assert ages(tmp_path, *july, *winter) == [20, 20, 19, 20, 20, 0]


def test_impossible_dates_give_no_age_and_improbable_ages_are_kept(tmp_path):
    born = matlab(1980, 1, 1)
    year_0, year_1, future = 1, matlab(1, 12, 31), matlab(2016, 1, 1)
    impossible = [(0, 2000), (year_0, 2000), (year_1, 2000), (future, 2000)]
    impossible += [(born, 0), (born, 2500)]
    improbable = [(matlab(130, 1, 1), 2010), (matlab(1990, 3, 1), 1960), (matlab(1890, 1, 1), 2000)]
    assert ages(tmp_path, *impossible, *improbable) == [None] * 6 + [1880, -30, 110]


def test_a_missing_date_gives_no_age():
    assert imdb_wiki.age(NAN, 2000) is imdb_wiki.age(matlab(1980, 1, 1), NAN) is None
