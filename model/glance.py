"""The glance: a look that costs less than CenterFace's first one, for the commonest photos.

A small network of our own learned from the detector where faces are (training/glance). Where it
sees one large upright face and few traces of others, CenterFace looks only at these, and has the
last word.
"""

from collections.abc import Callable
from dataclasses import replace
from math import atan2, ceil, degrees, exp, log, sqrt
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image

from model.session import open_session
from model.sightings import Sighting, enlarged, moved, overlap
from model.verified import verify

GRAPH = Path(__file__).parent / "weights" / "glance.onnx"
SHA256 = "d4ceb9b8a8ea0272606b674041401278770638288972674a553d8277e9fe60cd"
BLOCK = 32  # the network halves its input five times
STRIDE = 8  # pixels of its input for a cell of its answer
EXTENTS = -2.0, 5.0  # logarithms of a face's sides in cells; what is read of others is nonsense

# Sides in pixels of its input
SIDE = 224  # the longer one, at most, but
SHORTER = 168  # the shorter one at least as long, where the photo allows it
SMALLEST = 112  # of a photo; CenterFace sees more in smaller ones
MAX_ASPECT = 2.0

# Scores
TRACE = 0.15  # of what may be a face
CLEAR = 0.4  # of the same, from near
FAINT = 0.25  # of a tilted face, too
SURE, FACE = 0.8, 0.45  # CenterFace's, see model.upright

FEW = 16  # looks from near
TRACES = 3  # beside the face, that CenterFace looks at; with more, it searches the whole photo
LARGE = 0.2  # of the photo's longer side
UPRIGHT = 15  # degrees of roll
AROUND = 2.0  # what CenterFace looks at, relative to the face
WINDOW = 64  # side in pixels of its input, of a look from near
LOOK = 128  # side in pixels of CenterFace's input
SAME = 0.5  # intersection over union: both saw the same face

Look = Callable[[np.ndarray, float, float, int], list[Sighting]]  # CenterFace.look


class Glance:
    """Safe to share between threads."""

    def __init__(self, graph: Path = GRAPH):
        verify(graph, SHA256, "model/glance.py")
        self._session = open_session(graph)

    def find(self, pixels: np.ndarray, look: Look) -> Sighting | None:
        """The only face of the photo, as CenterFace sees it; None where this is not sure, and where
        there is none. `pixels`: (h, w, 3) uint8 RGB."""
        shorter, longer = sorted(pixels.shape[:2])
        if longer < SMALLEST or longer > MAX_ASPECT * shorter:
            return None
        factor = ceil(min(longer / SIDE, shorter / SHORTER))
        seen = self.traces(pixels, factor, FEW, CLEAR)
        if not seen or not is_clear(face := seen[0], longer):
            return None
        others = [one for one in seen if not face.holds(one.centre)]
        if len(others) > TRACES or any(close_look(pixels, one, look, FACE) for one in others):
            return None
        return confirmed(face, close_look(pixels, face, look, SURE))

    def traces(
        self, pixels: np.ndarray, factor: int, most: int, min_score: float
    ) -> list[Sighting] | None:
        """What may be a face in the photo scaled down by a whole `factor`, and from near
        has at least `min_score`; the surest first. None where more than `most` are to be looked at
        from near."""
        # every second row is enough for an even factor, and takes two thirds of the time
        step = 2 - factor % 2
        small = np.asarray(Image.fromarray(pixels[::step]).reduce((factor, factor // step)))
        high, wide = (-(-side // BLOCK) * BLOCK for side in small.shape[:2])
        canvas = np.zeros((1, high, wide, 3), np.uint8)
        canvas[0, : small.shape[0], : small.shape[1]] = small
        seen = [enlarged(one, factor) for one in sightings(self.maps(canvas)[0])]
        photo = Sighting((0, 0, *pixels.shape[1::-1]), 1.0, 0.0, 0.0)
        seen = [one for one in seen if photo.holds(one.centre)]
        if len(seen) > most:
            return None
        if not seen:
            return []
        near = self.maps(np.stack([window(pixels, small, factor, one) for one in seen]))[..., 0]
        middle = slice(near.shape[1] // 4, -near.shape[1] // 4)
        scores = 1 / (1 + np.exp(-near[:, middle, middle].max(axis=(1, 2))))
        again = [replace(one, score=s) for one, s in zip(seen, scores.tolist(), strict=True)]
        return sorted((one for one in again if one.score > min_score), key=lambda one: -one.score)

    def maps(self, pixels: np.ndarray) -> np.ndarray:
        """The network's answer for `pixels`, (n, h, w, 3) uint8 RGB, of which h and w are multiples
        of BLOCK: (n, h / STRIDE, w / STRIDE, 7) float32, of each cell the logit of a face's centre,
        the logarithms of the face's width and height, where its centre is from here, x and y, all
        in cells, and the sine and cosine of its roll."""
        (maps,) = self._session.run(None, {"pixels": pixels})
        return maps


def sightings(maps: np.ndarray) -> list[Sighting]:
    """What may be a face in an answer, (h, w, 7), see Glance.maps, in pixels of the network's
    input; the surest first."""
    heat = maps[..., 0]
    neighbours = sliding_window_view(np.pad(heat, 1, constant_values=-np.inf), (3, 3))
    peaks = np.argwhere((heat > logit(TRACE)) & (heat == neighbours.max(axis=(2, 3))))
    seen = []
    for row, column in sorted(peaks.tolist(), key=lambda cell: -heat[tuple(cell)]):
        certain, wide, high, across, down, sine, cosine = maps[row, column].tolist()
        x, y = column + 0.5 + across, row + 0.5 + down
        width, height = (exp(min(max(side, EXTENTS[0]), EXTENTS[1])) for side in (wide, high))
        roll = degrees(atan2(sine, cosine))
        box = x - width / 2, y - height / 2, width, height
        face = Sighting(box, 1 / (1 + exp(-certain)), roll, abs(roll))
        seen.append(enlarged(face, STRIDE))
    return seen


def window(pixels: np.ndarray, small: np.ndarray, factor: int, at: Sighting) -> np.ndarray:
    """What is around a trace, (WINDOW, WINDOW, 3); from the photo scaled down by `factor`, where
    that is large enough."""
    left, top, right, bottom = around(at)
    if min(right - left, bottom - top) < WINDOW * factor:
        small, factor = pixels, 1
    rows, columns = (slice(a // factor, b // factor + 1) for a, b in ((top, bottom), (left, right)))
    part = Image.fromarray(small[rows, columns])
    return np.asarray(part.resize((WINDOW, WINDOW), Image.Resampling.BOX, reducing_gap=1.0))


def around(at: Sighting) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is looked at more closely."""
    (x, y), half = at.centre, AROUND * sqrt(at.box[2] * at.box[3]) / 2
    left, top, right, bottom = (
        max(0, round(edge)) for edge in (x - half, y - half, x + half, y + half)
    )
    return left, top, right, bottom


def is_clear(face: Sighting, longer: int) -> bool:
    """Whether it is large for a photo of this longer side, and upright."""
    return max(face.box[2:]) > LARGE * longer and face.lean < UPRIGHT


def close_look(pixels: np.ndarray, at: Sighting, look: Look, min_score: float) -> list[Sighting]:
    """What CenterFace sees there, in pixels of the photo."""
    left, top, right, bottom = around(at)
    part = pixels[top : bottom + 1, left : right + 1]
    scale = LOOK / (AROUND * sqrt(at.box[2] * at.box[3]))
    return [moved(face, left, top) for face in look(part, scale, min_score, 0)]


def confirmed(face: Sighting, seen: list[Sighting]) -> Sighting | None:
    """The face as CenterFace sees it, if it does."""
    best = max(seen, key=lambda other: other.score, default=None)
    if best is None or best.lean > UPRIGHT:
        return None
    same = overlap(np.array(face.box), np.array([best.box]))[0] > SAME
    return best if same else None


def logit(probability: float) -> float:
    return log(probability / (1 - probability))
