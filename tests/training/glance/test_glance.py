"""From photos to a graph that the service can use, with scenes that are labelled rightly."""

import hashlib

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from deploy.testing.photos import encode, no_face
from model import glance
from model.glance import Glance, sightings
from training.glance import label, network, scenes, train


@pytest.fixture(scope="module")
def folder(tmp_path_factory, astronaut):
    folder = tmp_path_factory.mktemp("photos")
    for number in range(6):
        pixels = astronaut[: 512 - 8 * number] if number % 2 else no_face()[8 * number :]
        (folder / f"{number}.jpg").write_bytes(encode(pixels))
    (folder / "notes.txt").write_text("no photo")
    return folder


@pytest.fixture(scope="module")
def labelled(folder):
    out = folder.parent / "glance.npz"
    done = CliRunner().invoke(label.main, [str(folder), "--out", str(out)], catch_exceptions=False)
    assert "6 photos, 3 faces" in done.output
    return out


def test_what_the_targets_say_is_what_is_read_from_an_answer():
    faces = np.array([[80, 100, 60, 80, 5, 1]])
    wanted = scenes.targets(faces)[..., :7].copy()
    wanted[..., 0] = np.where(wanted[..., 0] == 1, 9, -9)
    (face,) = sightings(wanted)
    assert np.allclose(face.box, (50, 60, 60, 80), atol=0.01)
    assert (round(face.roll), face.lean) == (5, pytest.approx(5))


@pytest.mark.parametrize("made", [lambda *a: [scenes.scene(*a)], scenes.windows])
def test_faces_move_with_their_photo(made):
    """A red square stands for the face, so that it can be found again in each scene."""
    image = Image.new("RGB", (200, 160))
    image.paste("red", (60, 40, 100, 80))
    photo = label.Labelled(label.jpeg(image), np.array([[80, 60, 40, 40, 0]], np.float32))
    blank = label.Labelled(label.jpeg(Image.new("RGB", (200, 160))), np.zeros((0, 5), np.float32))
    apart = []
    for seed in range(200):
        for pixels, faces in made(np.random.default_rng(seed), [photo], [blank]):
            for x, y, wide, high, _, sure in faces[:1] if len(faces) == 1 else []:
                red = pixels[..., 0] > 2 * pixels[..., 1].astype(int) + 20
                rows, columns = np.nonzero(red)
                if sure and len(rows) > 0.95 * wide * high:  # nearly all of it is in the scene
                    apart.append(max(abs(columns.mean() + 0.5 - x), abs(rows.mean() + 0.5 - y)))
    assert len(apart) > 20
    assert np.quantile(apart, 0.8) < 2


def test_a_strip_is_seen_from_near_too():
    strip = label.Labelled(label.jpeg(Image.new("RGB", (300, 20))), np.zeros((0, 5), np.float32))
    for seed in range(20):
        made = scenes.windows(np.random.default_rng(seed), [strip], [strip])
        assert all(pixels.shape == (scenes.WINDOW, scenes.WINDOW, 3) for pixels, _ in made)


def test_what_ships_answers_as_what_was_trained():
    """Except near the edge, where one sees black beyond the photo and the other grey."""
    model = network.build()
    pixels = np.random.default_rng(0).integers(0, 255, (1, 320, 320, 3)).astype(np.uint8)
    trained, ships = (some(pixels).numpy() for some in (model, network.shipped(model)))
    middle = np.s_[:, :20, :20]
    assert np.abs(trained[middle]).max() > 1
    assert np.allclose(trained[middle], ships[middle], atol=1e-3)


def test_a_graph_is_trained_that_the_service_can_open(labelled, tmp_path, monkeypatch):
    monkeypatch.setattr(train, "TESTS", 10)
    monkeypatch.setattr(train, "TESTED", 3)
    out = tmp_path / "glance.onnx"
    options = ["--photos", str(labelled), "--out", str(out), "--steps", "3"]
    done = CliRunner().invoke(train.main, options, catch_exceptions=False)
    digest = hashlib.sha256(out.read_bytes()).hexdigest()
    assert "10 scenes" in done.output
    assert digest in done.output
    monkeypatch.setattr(glance, "SHA256", digest)
    assert Glance(out).look(np.zeros((300, 400, 3), np.uint8)) == []


def test_one_that_takes_two_faces_for_one_is_refused(labelled, tmp_path, monkeypatch):
    out = tmp_path / "glance.onnx"
    monkeypatch.setattr(train, "TESTS", 40)
    monkeypatch.setattr(train, "TESTED", 3)
    monkeypatch.setattr(train, "sees_one", lambda _: True)
    options = ["--photos", str(labelled), "--out", str(out), "--steps", "1"]
    done = CliRunner().invoke(train.main, options)
    assert (done.exit_code, out.exists()) == (1, False)
    assert "too few faces" in done.output
