import numpy as np
import pytest
from PIL import Image, ImageEnhance

from training import duplicates


@pytest.fixture(scope="module")
def chips(astronaut, face):
    """One face in eight variants, then six other pictures."""
    face = Image.fromarray(face)
    variants = [
        face,
        face.convert("L").convert("RGB"),
        ImageEnhance.Brightness(face).enhance(1.5),
        face.resize((60, 60)).resize((160, 160)),
        face.crop((3, 3, 158, 158)).resize((160, 160)),
        face.quantize(16).convert("RGB"),
        ImageEnhance.Contrast(face).enhance(0.5),
        face,
    ]
    others = [Image.fromarray(astronaut[y : y + 160, 40:200]) for y in range(180, 340, 27)]
    return [np.asarray(picture) for picture in (*variants, *others)]


def hashes(chips):
    return np.stack([duplicates.perceptual_hash(chip) for chip in chips])


def test_all_variants_of_a_picture_are_found_and_no_other_picture(chips):
    (group,) = duplicates.copies(hashes(chips))
    assert group.tolist() == list(range(8))
    assert duplicates.copies(hashes(chips[8:])) == []
    assert duplicates.copies(np.empty((0, 32), np.uint8)) == []


@pytest.mark.parametrize(("bits", "near"), [(44, True), (45, False)])
def test_the_largest_distance_of_copies_is_included(bits, near):
    pair = np.zeros((2, 256), np.uint8)
    pair[1, :bits] = 1
    assert bool(duplicates.copies(np.packbits(pair, axis=1))) == near


def why(chips, ages, genders, digests):
    labels = np.array(ages).reshape(-1, 1).repeat(2, axis=1)
    groups = duplicates.copies(hashes(chips))
    return duplicates.reasons(groups, digests, labels, np.array(genders))


def test_the_first_copy_is_kept_when_labels_agree(chips):
    three = [chips[0], chips[9], chips[7], chips[1]]
    assert why(three, [30, 60, 33, 34], [1, 0, 1, -1], ["a", "b", "a", "c"]) == [
        "", "", "exact duplicate", "near duplicate"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ages", "genders"), [([30, 60, 36], [1, 1, 1]), ([30, 60, 30], [1, 1, 0])]
)
def test_no_copy_is_kept_when_labels_contradict(chips, ages, genders):
    other = "same photo, other label"
    assert why([chips[0], chips[9], chips[1]], ages, genders, ["a", "b", "c"]) == [other, "", other]


def test_a_range_agrees_with_a_year_inside_it():
    for year, agree in ((27, True), (40, False)):
        ages = np.array([[20, 29], [year, year]])
        assert duplicates.labels_agree(ages, np.array([1, 1])) == agree


def test_label_noise_is_the_years_between_labels_of_copies():
    groups = [np.array([0, 1, 2]), np.array([3, 4])]
    ages = np.array([[20, 20], [22, 22], [27, 27], [30, 39], [35, 35]])
    assert duplicates.label_noise(groups, ages) == [2, 7, 5]
