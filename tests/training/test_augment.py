import numpy as np
from PIL import Image

from training.augment import SCALE, augment


def test_the_same_seed_gives_the_same_picture(face):
    one, two = (augment(face, np.random.default_rng(7)) for _ in range(2))
    assert (one.shape, one.dtype) == (face.shape, np.uint8)
    assert np.array_equal(one, two)
    assert augment(face, np.random.default_rng(7), 96).shape == (96, 96, 3)


def test_pictures_vary_but_stay_pictures_of_the_face(face):
    pictures = np.stack([augment(face, np.random.default_rng(seed)) for seed in range(64)])
    assert len({picture.tobytes() for picture in pictures}) == 64
    # flips, turns and crops average out to the face, symmetric and a little larger
    side, edge = len(face), len(face) * (1 - 1 / np.mean(SCALE)) / 2
    box = edge, edge, side - edge, side - edge
    closer = np.asarray(Image.fromarray(face).resize((side, side), box=box), float)
    mirrored = (closer + closer[:, ::-1]) / 2
    likeness = np.corrcoef(pictures.mean(axis=0).ravel(), mirrored.ravel())[0, 1]
    assert likeness > 0.8


def test_strength_limits_how_far_a_picture_is_from_the_face(face):
    def distance(strength):
        seeds = map(np.random.default_rng, range(32))
        pictures = [augment(face, rng, strength=strength).astype(float) for rng in seeds]
        views = face, face[:, ::-1]
        return np.mean([min(np.abs(one - view).mean() for view in views) for one in pictures])

    assert distance(0) < 1  # the face or its mirror image
    assert 5 < distance(0.3) < distance(1)
