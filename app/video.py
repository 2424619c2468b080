"""The frames of a video, read by OpenCV."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from model.photo import MAX_PIXELS, Photo
from model.scaling import scaled

PACKAGE = "cv2"  # installed on request: pip install opencv-python-headless


class VideoError(ValueError):
    """A video that cannot be used; the message says why."""


@dataclass(frozen=True)
class Frame:
    """`number`: counted from 0; `seconds`: from the video's beginning."""

    number: int
    seconds: float
    photo: Photo


def frames(path: Path, every: int) -> Iterator[Frame]:
    """Every `every`-th frame, from the first. Raises VideoError, and OSError when the file cannot
    be opened."""
    with _opened(path) as video:
        number = 0
        while video.grab():
            if number % every == 0:
                yield _frame(video, number)
            number += 1
        if not number:
            raise VideoError("The video is broken or cut off.")


def frame(path: Path, number: int) -> Frame:
    """One frame. Raises as `frames` does, and VideoError when there is no such frame."""
    with _opened(path) as video:  # seeking is not exact in every format, counting is
        for _ in range(number + 1):
            if not video.grab():
                raise VideoError(f"The video has no frame {number}.")
        return _frame(video, number)


def count(path: Path, every: int) -> int | None:
    """How many frames there will be, as the file's header says; None where it does not. Raises as
    `frames` does."""
    import cv2

    with _opened(path) as video:
        total = int(video.get(cv2.CAP_PROP_FRAME_COUNT))
        return -(-total // every) if total > 0 else None


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # what is wrong is said once, by us
    os.environ.setdefault("OPENCV_LOG_LEVEL", "OFF")
    import cv2

    with path.open("rb") as file:
        # OpenCV takes names in UTF-8 only; this one leads to every file
        video = cv2.VideoCapture(f"/dev/fd/{file.fileno()}", cv2.CAP_FFMPEG)
        try:
            if not video.isOpened():
                raise VideoError("This is not a video that OpenCV can read, or it is broken.")
            width, height = (
                video.get(cv2.CAP_PROP_FRAME_WIDTH),
                video.get(cv2.CAP_PROP_FRAME_HEIGHT),
            )
            if width * height > MAX_PIXELS:
                raise VideoError(f"Its frames have more than {MAX_PIXELS // 10**6} megapixels.")
            yield video
        finally:
            video.release()


def _frame(video: Any, number: int) -> Frame:
    import cv2

    seconds = video.get(cv2.CAP_PROP_POS_MSEC) / 1000
    read, pixels = video.retrieve()
    if not read:
        raise VideoError(f"Its frame {number} is broken.")
    height, width = pixels.shape[:2]
    image = scaled(Image.fromarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)))
    return Frame(number, seconds, Photo(np.asarray(image), width, height))
