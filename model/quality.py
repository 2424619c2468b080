"""Measures of a face that predict how reliable its estimate is: size, turn, sharpness, light, how
much of it the photo shows, and how sure the detector is that it is one."""

from dataclasses import asdict, dataclass

import numpy as np
from PIL import Image

from model.faces import Detection

# Thresholds at which errors have grown, by 4 % for small faces and by a tenth for blurred and dark
# ones: `python -m training.studies.quality`. The gender of faces turned by 0.3 or more is wrong
# three times as often as that of frontal ones, and their age error is a fifth larger.
SMALL = 32  # pixels
TURNED = 0.3
BLURRED = 1.85  # notes about as many as 1.7 did in the 160 pixels that were studied
DARK = 40
CHILD = 13  # years, estimated: below, 21 % of genders are wrong on validation; of adults, 4 %
# `python -m training.studies.doubt`: most false faces have a lower score, and few true ones; few
# whole faces reach this far beyond the edge, and most do that lack a fifth
UNSURE = 0.75
CUT_OFF = 0.03


@dataclass(frozen=True)
class Quality:
    """`size`: shorter side of the bounding box in pixels of the photo as sent; `turn`: 0 for a
    frontal face, 0.5 when the nose is below an eye; `sharpness`: 0 for a smooth surface, about
    10 for a sharp chip; `brightness`: mean luma of the chip, 0 to 255; `detection`: the detector's
    score, 0 to 1; `beyond`: how far the box reaches beyond the photo's edge, relative to its size.
    """

    size: float
    turn: float
    sharpness: float
    brightness: float
    detection: float
    beyond: float

    def notes(self) -> list[str]:
        """Problems to show to the person: `unsure` whether it is a face, `cut_off`, `small`,
        `turned`, `blurred`, `dark`."""
        return [note for note, holds in judge(**asdict(self)).items() if holds]


def judge(size, turn, sharpness, brightness, detection, beyond) -> dict:
    """Whether each note holds, by name: a bool for numbers, an array of bools for arrays."""
    return {
        "unsure": detection < UNSURE,
        "cut_off": beyond > CUT_OFF,
        "small": size < SMALL,
        "turned": turn > TURNED,
        "blurred": sharpness < BLURRED,
        "dark": brightness < DARK,
    }


def measure(found: Detection, scale: float = 1.0) -> Quality:
    """`scale`: pixels of the photo as sent per pixel of the array that was searched."""
    luma = np.asarray(Image.fromarray(found.chip).convert("L"), np.float32)
    return Quality(
        size=min(found.box[2:]) * scale,
        turn=turn_of(found.landmarks),
        sharpness=sharpness_of(luma),
        brightness=float(luma.mean()),
        detection=found.score,
        beyond=found.beyond,
    )


def turn_of(landmarks: np.ndarray) -> float:
    """Distance of the nose from the midpoint of the eyes along the line through them, relative to
    the distance of the eyes."""
    right, left = landmarks[0:2].mean(axis=0), landmarks[2:4].mean(axis=0)
    across = left - right
    return float(abs((landmarks[4] - (left + right) / 2) @ across) / (across @ across))


def sharpness_of(luma: np.ndarray) -> float:
    """Mean absolute Laplacian in the middle of the chip, in percent of the contrast there: the
    focus measure of Pech-Pacheco et al., "Diatom autofocusing" (2000), made independent of the
    light."""
    side = len(luma) // 4
    face = luma[side:-side, side:-side]
    edges = (
        4 * face[1:-1, 1:-1] - face[:-2, 1:-1] - face[2:, 1:-1] - face[1:-1, :-2] - face[1:-1, 2:]
    )
    return float(100 * np.abs(edges).mean() / (4 * face.std() + 1))
