"""The glance: a look that costs less than CenterFace's first one, for the commonest photos.

A small network of our own learned from the detector where faces are (training/glance). Where it
is certain of one large upright face and sees nothing else, that is the answer. About everything
else CenterFace has the last word (model/detector.py).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from math import atan2, ceil, degrees, exp, floor, log, sqrt
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image

from model.centerface import MARGIN
from model.session import open_session
from model.sightings import Box, Sighting, enlarged, moved, overlap
from model.verified import verify

GRAPH = Path(__file__).parent / "weights" / "glance.onnx"
SHA256 = "d16189073654ace8841f7c533f8802c6697aa320c257bb7a63f07d2941a696a2"
BLOCK = 32  # the network halves its input five times
STRIDE = 8  # pixels of its input for a cell of its answer
EXTENTS = -2.0, 5.0  # logarithms of a face's sides in cells; what is read of others is nonsense

# Sides in pixels of its input
SIDE = 224  # the longer one, at most, but
SHORTER = 168  # the shorter one at least as long, where the photo allows it
SMALLEST = 112  # of a photo; CenterFace sees more in smaller ones
MAX_ASPECT = 2.0

# Scores
TRACE = 0.1  # of what may be a face
FAINT = 0.2  # of the same, from near, too
TRACED = 0.25  # of what CenterFace looks at in a closer look
BESIDE = 0.35  # of the same, beside a clear face
CLEAR = 0.4
CERTAIN = 0.75  # CenterFace need not look
SURE, FACE = 0.8, 0.45  # CenterFace's, see model.upright

FEW = 16  # looks from near
TRACES = 3  # beside the face, that CenterFace looks at; with more, it searches the whole photo
LARGE = 0.18  # of the photo's longer side
UPRIGHT = 15  # degrees of roll
INSIDE = 0.05  # of the face's size, between it and the photo's edge; others may be cut off
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

    def look(self, pixels: np.ndarray) -> list[Sighting] | None:
        """What may be a face, the surest first; None where CenterFace has to look at the whole
        photo. `pixels`: (h, w, 3) uint8 RGB."""
        shorter, longer = sorted(pixels.shape[:2])
        if longer < SMALLEST or longer > MAX_ASPECT * shorter:
            return None
        factor = ceil(min(longer / SIDE, shorter / SHORTER))
        return self.traces(pixels, factor, FEW, FAINT)

    def traces(
        self,
        pixels: np.ndarray,
        factor: int,
        most: int,
        min_score: float,
        known: Sequence[Sighting] = (),
    ) -> list[Sighting] | None:
        """What may be a face beside those `known`, in the photo scaled down by a whole `factor`,
        and has at least `min_score` together with a look from near; the surest first. None where
        more than `most` are to be looked at from near."""
        # every second row is enough for an even factor, and takes two thirds of the time
        step = 2 - factor % 2
        small = np.asarray(Image.fromarray(pixels[::step]).reduce((factor, factor // step)))
        high, wide = (-(-side // BLOCK) * BLOCK for side in small.shape[:2])
        canvas = np.zeros((1, high, wide, 3), np.uint8)
        canvas[0, : small.shape[0], : small.shape[1]] = small
        seen = [enlarged(one, factor) for one in sightings(self.maps(canvas)[0])]
        photo = Sighting((0, 0, *pixels.shape[1::-1]), 1.0, 0.0, 0.0)
        seen = [one for one in seen if photo.holds(one.centre) and not held(one, known)]
        if len(seen) > most:
            return None
        if not seen:
            return []
        parts, windows = zip(*(window(pixels, small, factor, one) for one in seen), strict=True)
        near = map(from_near, self.maps(np.stack(windows)), parts)
        # each look is sometimes wrong about what is a face, and about the roll of turned ones
        both = [
            replace(again, score=(one.score + again.score) / 2, lean=max(one.lean, again.lean))
            for one, again in zip(seen, near, strict=True)
        ]
        return sorted((one for one in both if one.score > min_score), key=lambda one: -one.score)

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
    cells = sorted(peaks.tolist(), key=lambda cell: -heat[tuple(cell)])
    return [sighting(maps, *cell) for cell in cells]


def from_near(maps: np.ndarray, part: Box) -> Sighting:
    """The face in the middle of a part of the photo, left, top, width and height, that is a
    window's; `maps`: its answer."""
    quarter = len(maps) // 4
    middle = maps[quarter:-quarter, quarter:-quarter, 0]
    row, column = np.unravel_index(middle.argmax(), middle.shape)
    face = sighting(maps, int(row) + quarter, int(column) + quarter)
    across, down = part[2] / WINDOW, part[3] / WINDOW
    left, top, wide, high = face.box
    box = part[0] + left * across, part[1] + top * down, wide * across, high * down
    return replace(face, box=box)


def sighting(maps: np.ndarray, row: int, column: int) -> Sighting:
    """The face of which the centre is in this cell, in pixels of the network's input."""
    certain, wide, high, across, down, sine, cosine = maps[row, column].tolist()
    x, y = column + 0.5 + across, row + 0.5 + down
    width, height = (exp(min(max(side, EXTENTS[0]), EXTENTS[1])) for side in (wide, high))
    roll = degrees(atan2(sine, cosine))
    box = x - width / 2, y - height / 2, width, height
    return enlarged(Sighting(box, 1 / (1 + exp(-certain)), roll, abs(roll)), STRIDE)


def window(
    pixels: np.ndarray, small: np.ndarray, factor: int, at: Sighting
) -> tuple[Box, np.ndarray]:
    """What is around a trace: left, top, width and height in the photo, and (WINDOW, WINDOW, 3);
    from the photo scaled down by `factor`, where that is large enough."""
    left, top, right, bottom = around(at)
    if min(right - left, bottom - top) < WINDOW * factor:
        small, factor = pixels, 1
    rows, columns = (slice(a // factor, b // factor + 1) for a, b in ((top, bottom), (left, right)))
    part = Image.fromarray(small[rows, columns])
    left, top, width, height = (v * factor for v in (columns.start, rows.start, *part.size))
    seen = part.resize((WINDOW, WINDOW), Image.Resampling.BOX, reducing_gap=1.0)
    return (left, top, width, height), np.asarray(seen)


def around(at: Sighting) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is looked at more closely."""
    (x, y), half = at.centre, AROUND * sqrt(at.box[2] * at.box[3]) / 2
    left, top, right, bottom = (
        max(0, round(edge)) for edge in (x - half, y - half, x + half, y + half)
    )
    return left, top, right, bottom


def held(one: Sighting, faces: Iterable[Sighting]) -> bool:
    """Whether its centre is in one of the faces."""
    return any(face.holds(one.centre) for face in faces)


def is_clear(face: Sighting, longer: int) -> bool:
    """Whether it is large for a photo of this longer side, and upright."""
    return max(face.box[2:]) > LARGE * longer and face.lean < UPRIGHT


def only_face(pixels: np.ndarray, seen: list[Sighting], look: Look) -> Sighting | None:
    """The only face of the photo, in which the glance saw these; None where this is not sure."""
    clear = [one for one in seen if one.score > CLEAR]
    if not clear or not is_clear(face := clear[0], max(pixels.shape[:2])):
        return None
    others = [one for one in seen if one.score > BESIDE and not face.holds(one.centre)]
    if len(others) > TRACES or any(close_look(pixels, one, look, FACE) for one in others):
        return None
    if face.score > CERTAIN and is_whole(face, *pixels.shape[:2]):
        return face
    return confirmed(face, close_look(pixels, face, look, SURE))


def is_whole(face: Sighting, height: int, width: int) -> bool:
    """Whether the whole face is in the photo, and not close to its edge."""
    left, top, wide, high = face.box
    across, down = INSIDE * wide, INSIDE * high
    return min(left, width - left - wide) > across and min(top, height - top - high) > down


def close_look(pixels: np.ndarray, at: Sighting, look: Look, min_score: float) -> list[Sighting]:
    """What CenterFace sees there, in pixels of the photo."""
    left, top, right, bottom = around(at)
    part = pixels[top : bottom + 1, left : right + 1]
    side = AROUND * sqrt(at.box[2] * at.box[3])
    # beyond the photo's edge it needs to see black, to know how much of a face is cut off
    margin = 0 if min(part.shape[:2]) >= floor(side) else MARGIN
    return [moved(face, left, top) for face in look(part, LOOK / side, min_score, margin)]


def confirmed(face: Sighting, seen: list[Sighting]) -> Sighting | None:
    """The face as CenterFace sees it, if it does."""
    best = max(seen, key=lambda other: other.score, default=None)
    if best is None or best.lean > UPRIGHT:
        return None
    same = overlap(np.array(face.box), np.array([best.box]))[0] > SAME
    return best if same else None


def logit(probability: float) -> float:
    return log(probability / (1 - probability))
