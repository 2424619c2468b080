import numpy as np
from PIL import Image

from bench import tight
from model.faces import FaceFinder
from training.datasets import Record


def test_only_beyond_the_edge_do_the_two_kinds_differ(tmp_path, astronaut):
    path = tmp_path / "a.png"
    finder, kinds = FaceFinder(), []
    for photo in (astronaut, astronaut[60:176, 181:268]):
        Image.fromarray(photo).save(path)
        kinds.append(tight.both(finder, Record(path, 35, 35, 1, "own")))
    (black, ours), (tight_black, tight_ours) = kinds
    assert np.array_equal(black, ours)
    assert (tight_black.max(axis=2) == 0).mean() > 0.3
    assert (tight_ours.max(axis=2) == 0).mean() < 0.01


def test_a_photo_without_a_face_is_left_out(tmp_path, landscape):
    path = tmp_path / "a.jpg"
    path.write_bytes(landscape)
    assert tight.both(FaceFinder(), Record(path, 35, 35, 1, "own")) is None
