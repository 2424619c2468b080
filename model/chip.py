"""The aligned face that the network sees, cut by the same code for training and serving."""

from math import ceil, cos, floor, sin

import dlib
import numpy as np

# With 160 pixels and a padding of 0.4 the face was hardly larger, and the network took longer by a
# sixth (docs/experiments.md)
CHIP_SIZE = 144  # pixels, square
CHIP_PADDING = 0.33  # around the face, relative to its size, as dlib defines it
# Stored with the weights and every shard; weights trained on other chips are refused
FACTS = {"size": CHIP_SIZE, "padding": CHIP_PADDING, "beyond": "edge"}


def cut(pixels: np.ndarray, landmarks: np.ndarray, padding: float = CHIP_PADDING) -> np.ndarray:
    """The chip of one face: rotated upright, scaled, (CHIP_SIZE, CHIP_SIZE, 3) uint8 RGB.
    `landmarks`: (5, 2) whole pixels, see model.faces.

    Beyond the photo's edge, the edge pixels are repeated. dlib leaves that area black, which costs
    tightly cropped faces 0.2 years (`python -m training.studies.edges`).
    """
    place = dlib.get_face_chip_details(as_dlib(landmarks), CHIP_SIZE, padding)
    left, top, right, bottom = margins = _beyond(place, *pixels.shape[:2])
    if any(margins):
        pixels = np.pad(pixels, ((top, bottom), (left, right), (0, 0)), "edge")
        moved = dlib.translate_rect(place.rect, dlib.dpoint(left, top))
        place = dlib.chip_details(moved, dlib.chip_dims(place.rows, place.cols), place.angle)
    return dlib.extract_image_chip(pixels, place)


def as_dlib(landmarks: np.ndarray) -> "dlib.full_object_detection":
    """(5, 2) whole pixels as the landmarks that dlib aligns by."""
    points = [dlib.point(round(x), round(y)) for x, y in landmarks.tolist()]
    return dlib.full_object_detection(dlib.rectangle(), points)


def _beyond(place: "dlib.chip_details", height: int, width: int) -> list[int]:
    """How many pixels the chip extends beyond the photo on the left, top, right and bottom; at most
    the photo's longer side, whatever the landmarks are."""
    centre, reach = place.rect.center(), abs(cos(place.angle)) + abs(sin(place.angle))
    across, down = (reach * side / 2 for side in (place.rect.width(), place.rect.height()))
    limit = max(height, width)
    return [
        min(max(0, over), limit)
        for over in (
            -floor(centre.x - across),
            -floor(centre.y - down),
            ceil(centre.x + across) + 1 - width,
            ceil(centre.y + down) + 1 - height,
        )
    ]
