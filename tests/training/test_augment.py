import numpy as np
import pytest
from PIL import Image

from training.augment import SCALE, augment


@pytest.fixture
def face(astronaut):
    return astronaut[20:180, 140:300]


def test_the_same_seed_gives_the_same_picture(face):
    one, two = (augment(face, np.random.default_rng(7)) for _ in range(2))
    assert one.shape == face.shape
    assert one.dtype == np.uint8
    assert np.array_equal(one, two)


def test_pictures_vary_but_stay_pictures_of_the_face(face):
    pictures = np.stack([augment(face, np.random.default_rng(seed)) for seed in range(64)])
    assert len({picture.tobytes() for picture in pictures}) == 64
    # flips, turns and crops average out: what remains is the face, symmetric and a little closer
    side, edge = len(face), len(face) * (1 - 1 / np.mean(SCALE)) / 2
    box = edge, edge, side - edge, side - edge
    closer = np.asarray(Image.fromarray(face).resize((side, side), box=box), float)
    mirrored = (closer + closer[:, ::-1]) / 2
    likeness = np.corrcoef(pictures.mean(axis=0).ravel(), mirrored.ravel())[0, 1]
    assert likeness > 0.8


def test_strength_says_how_far_a_picture_may_be_from_the_face(face):
    def distance(strength):
        pictures = (
            augment(face, np.random.default_rng(seed), strength=strength) for seed in range(32)
        )
        return np.mean([
            min(np.abs(picture - way).mean() for way in (face.astype(float), face[:, ::-1]))
            for picture in pictures
        ])  # fmt: skip

    assert distance(0) < 1  # the face or its mirror image
    assert 5 < distance(0.3) < distance(1)


def test_a_picture_may_be_smaller(face):
    assert augment(face, np.random.default_rng(0), 96).shape == (96, 96, 3)
