import numpy as np
import pytest

from training.augment import augment


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
    # flips average out to something symmetric; what remains must still look like the face
    mirrored = (face.astype(float) + face[:, ::-1]) / 2
    likeness = np.corrcoef(pictures.mean(axis=0).ravel(), mirrored.ravel())[0, 1]
    assert likeness > 0.9
