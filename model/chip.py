"""The aligned face that the network sees: decided once, for training and for serving."""

import dlib
import numpy as np

CHIP_SIZE = 160  # pixels, square
CHIP_PADDING = 0.25  # of the face's size, around it, in dlib's terms


def cut(pixels: np.ndarray, landmarks: "dlib.full_object_detection") -> np.ndarray:
    """The chip of one face: rotated upright, scaled, (160, 160, 3) uint8 RGB."""
    return dlib.get_face_chip(pixels, landmarks, size=CHIP_SIZE, padding=CHIP_PADDING)
