"""Faces that are not upright: copies of them that are, and the way back to the photo."""

from dataclasses import dataclass
from math import atan2, cos, degrees, radians, sin

import dlib
import numpy as np

from model.sightings import Box

CROP = 2.0  # side of the crop, relative to the face
MAX_SIDE = 400  # pixels


@dataclass(frozen=True)
class UprightCrop:
    """A square around a face, turned so that the face is upright.

    `pixels`: (s, s, 3) uint8 RGB, black beyond the photo; `centre`: in the photo; `scale`: pixels
    of the photo per pixel of the crop; `roll`: degrees by which the crop is turned clockwise in
    the photo.
    """

    pixels: np.ndarray
    centre: tuple[float, float]
    scale: float
    roll: float

    def in_photo(self, points: np.ndarray) -> np.ndarray:
        """(n, 2) points of the crop in the photo."""
        turn = radians(self.roll)
        matrix = np.array([[cos(turn), sin(turn)], [-sin(turn), cos(turn)]])
        return (points - len(self.pixels) / 2) * self.scale @ matrix + self.centre


def upright_crop(pixels: np.ndarray, box: Box, roll: float) -> UprightCrop:
    """The face in `box`, whose roll is `roll` degrees."""
    left, top, width, height = box
    x, y, half = left + width / 2, top + height / 2, CROP * (width * height) ** 0.5 / 2
    around = dlib.drectangle(x - half, y - half, x + half, y + half)
    side = max(2, min(MAX_SIDE, round(2 * half)))
    place = dlib.chip_details(around, dlib.chip_dims(side, side), radians(roll))
    return UprightCrop(dlib.extract_image_chip(pixels, place), (x, y), 2 * half / side, roll)


def roll_of(landmarks: np.ndarray) -> float:
    """Degrees, -180 to 180, by which the line through the eyes is turned clockwise; `landmarks`:
    (5, 2), see model.faces."""
    across = landmarks[0:2].mean(axis=0) - landmarks[2:4].mean(axis=0)
    return degrees(atan2(across[1], across[0]))
