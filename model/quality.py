"""How well a face can be judged at all: what makes estimates worse, measured on its chip."""

from dataclasses import dataclass

import numpy as np
from PIL import Image


@dataclass(frozen=True)
class Quality:
    """`size`: shorter side of the bounding box in pixels of the photo as sent; `turn`: 0 for a
    face seen from the front, 0.5 with the nose below an eye; `sharpness`: 0 for a smooth
    surface, about 10 for a sharp chip; `brightness`: mean of the chip's luma, 0 to 255.
    """

    size: float
    turn: float
    sharpness: float
    brightness: float


def measure(size: float, landmarks: np.ndarray, chip: np.ndarray) -> Quality:
    """`landmarks`: (5, 2), see model.faces; `chip`: (160, 160, 3) uint8 RGB."""
    luma = np.asarray(Image.fromarray(chip).convert("L"), np.float32)
    return Quality(size, turn(landmarks), sharpness(luma), float(luma.mean()))


def turn(landmarks: np.ndarray) -> float:
    """How far the nose has moved from the middle of the eyes, as a share of their distance."""
    right, left = landmarks[0:2].mean(axis=0), landmarks[2:4].mean(axis=0)
    across = left - right
    return float(abs((landmarks[4] - (left + right) / 2) @ across) / (across @ across))


def sharpness(luma: np.ndarray) -> float:
    """Mean size of the Laplacian within the face, against the contrast there, in percent: the
    variance of the Laplacian (Pech-Pacheco et al., "Diatom autofocusing", 2000) made
    independent of the light."""
    side = len(luma) // 4
    face = luma[side:-side, side:-side]
    edges = (
        4 * face[1:-1, 1:-1] - face[:-2, 1:-1] - face[2:, 1:-1] - face[1:-1, :-2] - face[1:-1, 2:]
    )
    return float(100 * np.abs(edges).mean() / (4 * face.std() + 1))
