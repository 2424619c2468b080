"""`estimate` on videos: people are followed over the frames of a real film."""

import csv
import json
import os
import subprocess
import sys

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from app import video
from app.__main__ import main
from app.people import People, overlap
from deploy.testing.photos import WALL, face

SIZE = (480, 360)
FRAMES = 40


def write_film(path, places):
    """A film at 10 frames a second; `places`: for each frame, where the face is."""
    film = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), 10, SIZE)
    for shown in places:
        frame = Image.new("RGB", SIZE, WALL)
        for x, y in shown:
            frame.paste(face().resize((150, 150)), (x, y))
        film.write(cv2.cvtColor(np.asarray(frame), cv2.COLOR_RGB2BGR))
    film.release()


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A face moves to the right; a second one stays from frame 20 on."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    second = [[]] * 20 + [[(20, 200)]] * 20
    write_film(path, [[(4 * n, 20), *second[n]] for n in range(FRAMES)])
    return path


def estimate(*args):
    return CliRunner().invoke(main, ["estimate", *map(str, args), "--workers", "1"])


def test_everyone_in_a_video_has_one_row_and_a_frame_in_the_picture(film, tmp_path):
    name = os.fsdecode(b"\xd5\xc5.mp4")  # in no codec
    (tmp_path / name).hardlink_to(film)
    out = tmp_path / "faces.csv"
    done = estimate(tmp_path / name, "--every", 5, "--out", out, "--pictures", tmp_path / "p")
    assert done.exit_code == 0, done.output
    assert "1 photo, 2 faces" in done.output
    with out.open(encoding="utf-8-sig", newline="") as file:
        first, second = csv.DictReader(file)
    assert (first["file"], first["faces"], first["width"]) == (r"\xd5\xc5.mp4", "2", "480")
    assert [(row["frames"], row["first_seen"], row["last_seen"]) for row in (first, second)] == [
        ("8", "0.0", "3.5"),
        ("4", "2.0", "3.5"),
    ]
    assert all(25 < float(row["age"]) < 50 and row["gender"] == "Female" for row in (first, second))
    # both are framed in a frame that shows both
    picture = np.asarray(Image.open(tmp_path / "p" / f"{name}.jpg"))
    for row in (first, second):
        top, left = int(row["top"]), int(row["left"]) + int(row["box_width"]) // 4
        assert picture[top - 3 : top + 4, left].min(axis=1).max() > 220


def test_videos_that_cannot_be_read_have_rows_that_say_so(film, tmp_path):
    """And what the decoder complains of does not reach the terminal."""
    content = {"cut.mp4": film.read_bytes()[:3000], "text.mkv": b"no video", "empty.webm": b""}
    for name, data in content.items():
        (tmp_path / name).write_bytes(data)
    run = [sys.executable, "-m", "app", "estimate", *(tmp_path / name for name in content)]
    run += ["--out", tmp_path / "faces.jsonl"]
    done = subprocess.run(run, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    for name in content:
        assert (
            f"/{name}: This is not a video that OpenCV can read, or it is broken.\n" in done.stdout
        )
    lines = [json.loads(line) for line in (tmp_path / "faces.jsonl").read_text().splitlines()]
    assert [line["error"] for line in lines] == ["bad_video"] * 3


def test_without_opencv_a_video_is_refused_in_a_sentence_before_anything_is_written(
    film, tmp_path, monkeypatch
):
    monkeypatch.setattr("app.run.find_spec", lambda _: None)
    done = estimate(film, "--out", tmp_path / "faces.csv")
    assert done.output == (
        "Error: videos need another package: pip install opencv-python-headless\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_frames_are_counted_from_the_first(film):
    read = [(frame.number, round(frame.seconds, 1)) for frame in video.frames(film, 15)]
    assert read == [(0, 0.0), (15, 1.5), (30, 3.0)]
    assert video.count(film, 15) == 3
    same = video.frame(film, 15).photo.pixels
    assert np.array_equal(same, list(video.frames(film, 15))[1].photo.pixels)
    with pytest.raises(video.VideoError, match="no frame 40"):
        video.frame(film, 40)


def seen(left, age=30.0, gender="Female", confidence=0.9, width=100, notes=()):
    return {
        "box": {"left": left, "top": 0, "width": width, "height": 100},
        "age": age,
        "age_range": [round(age) - 5, round(age) + 5],
        "gender": gender,
        "gender_confidence": confidence,
        "quality": {"detection": 0.9, "size": width, "notes": list(notes)},
    }


def followed(*frames):
    people = People()
    for number, faces in enumerate(frames):
        people.add(number * 10, number / 2, faces)
    return people.faces()


def test_a_person_is_the_median_of_all_sightings():
    (one,) = followed(
        [seen(0, 20, "Male", 0.6, notes=["dark"])],
        [seen(20, 60, notes=["dark", "blurred"])],
        [seen(40, 31, confidence=0.8)],
    )
    assert (one["age"], one["age_range"], one["gender"]) == (31, [26, 36], "Female")
    assert one["gender_confidence"] == 0.8
    assert (one["quality"]["notes"], one["frames"]) == (["dark"], 3)
    assert one["seconds"] == [0, 1]


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        # two who walk towards each other
        ([[seen(0), seen(300)], [seen(50), seen(250)], [seen(100), seen(200)]], [3, 3]),
        # too far for one person
        ([[seen(0)], [seen(90)]], [1, 1]),
        # gone for a moment, and gone for good
        ([[seen(0)], *[[]] * 5, [seen(10)]], [2]),
        ([[seen(0)], *[[]] * 6, [seen(10)]], [1, 1]),
        # the closer of two places
        ([[seen(0), seen(60)], [seen(50)], [seen(40)]], [3, 1]),
        ([[]], []),
    ],
)
def test_who_is_who_is_told_by_the_overlap_of_boxes(frames, expected):
    assert [person["frames"] for person in followed(*frames)] == expected


def test_overlap_is_intersection_over_union():
    box = seen(0)["box"]
    assert [overlap(box, seen(left)["box"]) for left in (0, 50, 100, 200)] == [1, 1 / 3, 0, 0]
