"""Where the detector saw faces, and what can be done with that: merged, compared, turned back."""

from dataclasses import dataclass, replace

import numpy as np

MAX_OVERLAP = 0.4  # intersection over union; boxes that overlap more are one face
LEANING = 45  # degrees; many faces that lean more are missed, and their roll is uncertain
NEXT = np.arange(3)  # a cell and its neighbours, in a map with a frame of one cell

Box = tuple[float, float, float, float]  # left, top, width, height


@dataclass(frozen=True)
class Sighting:
    """A face in one look. `box`: in pixels of the photo; `score`: 0 to 1; `roll`: degrees, -180 to
    180, by which the head is turned clockwise in the photo; `lean`: degrees, 0 to 180, by which it
    leaned either way in the picture that the network saw."""

    box: Box
    score: float
    roll: float
    lean: float

    @property
    def centre(self) -> tuple[float, float]:
        left, top, width, height = self.box
        return left + width / 2, top + height / 2

    @property
    def quarters(self) -> int:
        """How many quarters anticlockwise turn the face upright, 0 to 3."""
        return round(self.roll / 90) % 4

    def holds(self, point: tuple[float, float]) -> bool:
        """Whether the point is in the box."""
        left, top, width, height = self.box
        return left < point[0] < left + width and top < point[1] < top + height


def peaks(heat: np.ndarray, least: float) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the cells of a map, (h, w), that are over `least` and have no neighbour
    with a higher value."""
    rows, columns = np.nonzero(heat > least)  # few: only their neighbours are read
    framed = np.full((len(heat) + 2, heat.shape[1] + 2), -np.inf, heat.dtype)
    framed[1:-1, 1:-1] = heat
    around = framed[rows[:, None, None] + NEXT[:, None], columns[:, None, None] + NEXT]
    highest = heat[rows, columns] == around.max(axis=(1, 2))
    return rows[highest], columns[highest]


def merged(found: list[Sighting]) -> list[Sighting]:
    """Non-maximum suppression. Of boxes that overlap one stays: one that the network saw upright,
    if there is such a box, and of these the one with the highest score."""
    ranked = sorted(found, key=lambda face: (face.lean > LEANING, -face.score))
    boxes = np.array([face.box for face in ranked], float).reshape(-1, 4)
    kept, left = [], np.arange(len(ranked))
    while len(left):
        first, left = left[0], left[1:]
        kept.append(ranked[first])
        left = left[overlap(boxes[first], boxes[left]) < MAX_OVERLAP]
    return kept


def is_among(one: Sighting, others: list[Sighting]) -> bool:
    """Whether another one is the same face."""
    boxes = np.array([other.box for other in others], float).reshape(-1, 4)
    return bool((overlap(np.array(one.box), boxes) > MAX_OVERLAP).any())


def overlap(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Intersection over union of `box`, (4,), with each of `others`, (n, 4)."""
    start, size, starts, sizes = box[:2], box[2:], others[:, :2], others[:, 2:]
    shared = np.minimum(start + size, starts + sizes) - np.maximum(start, starts)
    both = np.maximum(shared, 0).prod(axis=1)
    return both / (size.prod() + sizes.prod(axis=1) - both)


def enlarged(face: Sighting, factor: float) -> Sighting:
    """The face in a photo that is larger by this factor."""
    left, top, width, height = face.box
    return replace(face, box=(left * factor, top * factor, width * factor, height * factor))


def moved(face: Sighting, right: float, down: float) -> Sighting:
    """The face of a part of a photo, in the photo."""
    left, top, width, height = face.box
    return replace(face, box=(left + right, top + down, width, height))


def turned_back(faces: list[Sighting], quarters: int, shape: tuple[int, ...]) -> list[Sighting]:
    """Faces of a photo that was turned anticlockwise by `quarters`, and is of `shape` since, in the
    photo as it was."""
    height, width = shape[:2]
    for _ in range(quarters):
        faces = [_quarter_back(face, height) for face in faces]
        height, width = width, height
    return faces


def _quarter_back(face: Sighting, height: int) -> Sighting:
    left, top, wide, high = face.box
    box = height - top - high, left, high, wide
    return replace(face, box=box, roll=half_turns(face.roll + 90))


def half_turns(roll: float) -> float:
    """The same roll from -180 to 180 degrees."""
    return (roll + 180) % 360 - 180
