"""From photos to a graph that the service can use, with scenes that are labelled rightly."""

import hashlib

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from deploy.testing.photos import encode, no_face
from model import glance
from model.glance import NEAR, SHA256, WEIGHTS, Glance, from_near, maps, sightings
from model.session import open_session
from model.sightings import Sighting, overlap
from training.glance import label, near, network, scenes, traces, train


@pytest.fixture(scope="module")
def folder(tmp_path_factory, astronaut):
    folder = tmp_path_factory.mktemp("photos")
    for number in range(11):  # the first and the last are not learned from
        some = number % 2 or number == 10
        pixels = astronaut[: 512 - 8 * number] if some else no_face()[8 * number :]
        (folder / f"{number:02}.jpg").write_bytes(encode(pixels))
    (folder / "notes.txt").write_text("no photo")
    return folder


@pytest.fixture(scope="module")
def labelled(folder):
    out = folder.parent / "glance.npz"
    done = CliRunner().invoke(label.main, [str(folder), "--out", str(out)], catch_exceptions=False)
    assert "11 photos, 6 faces" in done.output
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


def test_graphs_are_trained_that_the_service_can_open(labelled, tmp_path, monkeypatch):
    outputs = []
    monkeypatch.setattr(train, "TESTS", 10)
    monkeypatch.setattr(train, "TESTED", 3)
    graphs = [tmp_path / name for name in SHA256]
    collected = tmp_path / "traces.npz"
    for command, options in (
        (train.main, ["--photos", labelled, "--out", graphs[0], "--steps", 3]),
        (traces.main, ["--photos", labelled, "--out", collected, "--scenes", 100]),
        (near.main, ["--traces", collected, "--out", graphs[1], "--steps", 3]),
    ):
        done = CliRunner().invoke(command, list(map(str, options)), catch_exceptions=False)
        outputs.append(done.output)
    digests = [hashlib.sha256(graph.read_bytes()).hexdigest() for graph in graphs]
    assert "10 scenes" in outputs[0]
    assert "of them faces" in outputs[1]
    assert "are left" in outputs[2]
    assert (digests[0] in outputs[0], digests[1] in outputs[2]) == (True, True)
    monkeypatch.setattr(glance, "SHA256", dict(zip(SHA256, digests, strict=True)))
    assert Glance(tmp_path).look(np.zeros((300, 400, 3), np.uint8)) == []


def test_one_that_takes_two_faces_for_one_is_refused(labelled, tmp_path, monkeypatch):
    out = tmp_path / "glance.onnx"
    monkeypatch.setattr(train, "TESTS", 40)
    monkeypatch.setattr(train, "TESTED", 3)
    monkeypatch.setattr(train, "sees_one", lambda _: True)
    options = ["--photos", str(labelled), "--out", str(out), "--steps", "1"]
    done = CliRunner().invoke(train.main, options)
    assert (done.exit_code, out.exists()) == (1, False)
    assert "too few faces" in done.output


WINDOW = 0, 0, 64, 64
MIDDLE = Sighting((16, 16, 32, 32), 1.0, 0.0, 0.0)


def read(wanted):
    """The face that is wanted in the middle of a window."""
    answer = wanted[..., :7].astype(np.float32)
    answer[..., 0] = np.where(answer[..., 0] == 1, 9, -9)
    return from_near(answer, WINDOW, MIDDLE)


@pytest.fixture(scope="module")
def seen(labelled):
    """Traces that are faces, not at the photo's edge, with what is wanted of the look from near."""
    faces, none = train.by_kind(label.load(labelled))
    rng, shipped = np.random.default_rng(0), Glance()
    found = [one for _ in range(80) for one in traces.traces(rng, shipped, faces, none)]
    _, wanted, cells = map(np.stack, zip(*found, strict=True))
    middle = np.zeros((8, 8), bool)
    middle[2:6, 2:6] = True
    inside = (cells == middle).all(axis=(1, 2))
    there = traces.are_faces(wanted, cells) & inside
    assert 20 < there.sum() < inside.sum() < len(found)
    return [one[:2] for one, face in zip(found, there, strict=True) if face]


def test_what_is_wanted_of_a_trace_is_where_the_shipped_graph_sees_it(seen):
    graph = open_session(WEIGHTS / NEAR)
    answers = maps(graph, np.stack([pixels for pixels, _ in seen]))
    apart = [
        overlap(np.array(read(wanted).box), np.array([from_near(answer, WINDOW, MIDDLE).box]))[0]
        for answer, (_, wanted) in zip(answers, seen, strict=True)
    ]
    assert np.quantile(apart, 0.2) > 0.5


def test_a_mirrored_trace_has_a_mirrored_face(seen):
    for pixels, wanted in seen:
        mirror, other = (one[0] for one in near.mirrored(pixels[None], wanted[None]))
        left, top, wide, high = read(wanted).box
        assert read(other).box == pytest.approx((64 - left - wide, top, wide, high), abs=0.1)
        assert read(other).roll == pytest.approx(-read(wanted).roll, abs=0.1)
        assert (mirror == pixels[:, ::-1]).all()
