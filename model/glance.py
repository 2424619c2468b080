"""The glance: a look that costs less than CenterFace's first one, for the commonest photos.

A small network of our own learned from the detector where faces are, a second one to tell them
from near from what only looks so (training/glance). Where both are certain of an upright face, its
box is the answer's; if that is the only one, and large, nothing else is looked at. About everything
else CenterFace has the last word (model/detector.py).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import atan2, ceil, degrees, exp, log
from pathlib import Path

import numpy as np
from onnxruntime import InferenceSession
from PIL import Image

from model.close_look import around, close_look, faces_at, side_around
from model.session import open_session
from model.sightings import Box, Sighting, enlarged, overlap, peaks
from model.upright import SURE, Looks
from model.verified import verify

WEIGHTS = Path(__file__).parent / "weights"
WHOLE, NEAR = "glance.onnx", "glance_near.onnx"  # for the whole photo, and from near
SHA256 = {
    WHOLE: "d16189073654ace8841f7c533f8802c6697aa320c257bb7a63f07d2941a696a2",
    NEAR: "62b51a0e621d39748a8b007dd31cf8e210b6e83ade51c6d657467b283db1b2b4",
}
BLOCK = 32  # the networks halve their input five times
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
BESIDE = 0.37  # of the same, beside a clear face
CLEAR = 0.4

FEW = 16  # looks from near
TRACES = 3  # beside the face, that CenterFace looks at; with more, it searches the whole photo
LARGE = 0.18  # of the photo's longer side
UPRIGHT = 15  # degrees of roll
INSIDE = 0.05  # of the face's size, between it and the photo's edge; others may be cut off
SMALLEST_FACE = 8  # pixels; nobody could judge a smaller one
WINDOW = 64  # side in pixels of its input, of a look from near
SAME = 0.5  # intersection over union: both saw the same face


class Glance:
    """Safe to share between threads."""

    def __init__(self, weights: Path = WEIGHTS):
        for name, digest in SHA256.items():
            verify(weights / name, digest, "model/glance.py")
        self._whole, self._near = (open_session(weights / name) for name in (WHOLE, NEAR))

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
        small = reduced(pixels, factor)
        seen = [one for one in self.wide(pixels, small, factor) if not held(one, known)]
        if len(seen) > most:
            return None
        if not seen:
            return []
        parts, windows = zip(*(window(pixels, small, factor, one) for one in seen), strict=True)
        near = map(from_near, maps(self._near, np.stack(windows)), parts, seen)
        # each look is sometimes wrong about what is a face, and about the roll of turned ones
        both = [
            replace(again, score=(one.score + again.score) / 2, lean=max(one.lean, again.lean))
            for one, again in zip(seen, near, strict=True)
        ]
        traces = [one for one in both if one.score > min_score and min(one.box[2:]) > SMALLEST_FACE]
        return sorted(traces, key=lambda one: -one.score)

    def wide(self, pixels: np.ndarray, small: Image.Image, factor: int) -> list[Sighting]:
        """What it sees in the photo scaled down by a factor, before it looks from near."""
        wide, high = (-(-side // BLOCK) * BLOCK for side in small.size)
        canvas = np.zeros((1, high, wide, 3), np.uint8)
        canvas[0, : small.height, : small.width] = np.asarray(small)
        seen = (enlarged(one, factor) for one in sightings(maps(self._whole, canvas)[0]))
        photo = Sighting((0, 0, *pixels.shape[1::-1]), 1.0, 0.0, 0.0)
        return [one for one in seen if photo.holds(one.centre)]


def maps(network: InferenceSession, pixels: np.ndarray) -> np.ndarray:
    """A network's answer for `pixels`, (n, h, w, 3) uint8 RGB, of which h and w are multiples of
    BLOCK: (n, h / STRIDE, w / STRIDE, 7) float32, of each cell the logit of a face's centre, the
    logarithms of the face's width and height, where its centre is from here, x and y, all in cells,
    and the sine and cosine of its roll."""
    (answer,) = network.run(None, {"pixels": pixels})
    return answer


def reduced(pixels: np.ndarray, factor: int) -> Image.Image:
    """The photo scaled down by a whole factor: the mean of each block's pixels, but of one or two
    of its rows only, which takes less time and shows the glance as much."""
    rows = [0] if factor < 3 else [factor // 4, 3 * factor // 4]
    if len(rows) < factor:
        blocks = np.arange(0, len(pixels), factor)
        chosen = (blocks[:, None] + rows).clip(max=len(pixels) - 1)
        pixels = pixels[chosen.ravel()]
    return Image.fromarray(pixels).reduce((factor, len(rows)))


def sightings(maps: np.ndarray) -> list[Sighting]:
    """What may be a face in an answer, (h, w, 7), see `maps`, in pixels of the network's
    input; the surest first."""
    heat = maps[..., 0]
    rows, columns = peaks(heat, logit(TRACE))
    order = np.argsort(-heat[rows, columns], kind="stable")
    return [sighting(maps, *cell) for cell in zip(rows[order], columns[order], strict=True)]


def from_near(maps: np.ndarray, part: Box, at: Sighting) -> Sighting:
    """The face at a trace. `part`: of the photo, left, top, width and height, that is the trace's
    window; `maps`: its answer."""
    rows, columns = cells_at(at, part)
    heat = maps[rows, columns, 0]
    row, column = np.unravel_index(heat.argmax(), heat.shape)
    face = sighting(maps, int(row) + rows.start, int(column) + columns.start)
    across, down = part[2] / WINDOW, part[3] / WINDOW
    left, top, wide, high = face.box
    box = part[0] + left * across, part[1] + top * down, wide * across, high * down
    return replace(face, box=box)


def cells_at(at: Sighting, part: Box) -> tuple[slice, slice]:
    """Rows and columns of the cells of a window that may have the centre of the trace's face: the
    middle half, unless the photo ends there. `part`: see `from_near`."""
    left, top, wide, high = part
    (x, y), reach = at.centre, side_around(at) / 4
    return _cells(y - top, reach, high), _cells(x - left, reach, wide)


def _cells(middle: float, reach: float, length: float) -> slice:
    scale = WINDOW / STRIDE / length
    return slice(max(0, round((middle - reach) * scale)), round((middle + reach) * scale))


def sighting(maps: np.ndarray, row: int, column: int) -> Sighting:
    """The face of which the centre is in this cell, in pixels of the network's input."""
    certain, wide, high, across, down, sine, cosine = maps[row, column].tolist()
    x, y = column + 0.5 + across, row + 0.5 + down
    width, height = (exp(min(max(side, EXTENTS[0]), EXTENTS[1])) for side in (wide, high))
    roll = degrees(atan2(sine, cosine))
    box = x - width / 2, y - height / 2, width, height
    return enlarged(Sighting(box, 1 / (1 + exp(-certain)), roll, abs(roll)), STRIDE)


def window(
    pixels: np.ndarray, small: Image.Image, factor: int, at: Sighting
) -> tuple[Box, np.ndarray]:
    """What is around a trace: left, top, width and height in the photo, and (WINDOW, WINDOW, 3);
    from the photo scaled down by `factor`, where that is large enough."""
    place = around(pixels, at)
    left, top, (height, width) = place.left, place.top, place.pixels.shape[:2]
    if min(width, height) < WINDOW * factor:
        step = max(1, height // (2 * WINDOW))  # two rows are enough here, too
        part, area = Image.fromarray(place.pixels[::step]), None
    else:
        part = small
        area = left / factor, top / factor, (left + width) / factor, (top + height) / factor
    seen = part.resize((WINDOW, WINDOW), Image.Resampling.BOX, area, reducing_gap=1.0)
    return (left, top, width, height), np.asarray(seen)


def held(one: Sighting, faces: Iterable[Sighting]) -> bool:
    """Whether its centre is in one of the faces."""
    return any(face.holds(one.centre) for face in faces)


def only_face(
    looks: Looks,
    pixels: np.ndarray,
    seen: list[Sighting],
    found: dict[Sighting, list[Sighting]],
) -> Sighting | None:
    """The only face of the photo, in which the glance saw these; None where this is not sure.
    `found`: gets the faces at each trace that CenterFace looked at to find out."""
    clear = [one for one in seen if one.score > CLEAR]
    if not clear or not is_clear(face := clear[0], max(pixels.shape[:2])):
        return None
    others = [one for one in seen if one.score > BESIDE and not face.holds(one.centre)]
    if len(others) > TRACES:
        return None
    if any(is_sure(one, *pixels.shape[:2]) for one in others):
        return None
    for one in others:
        found[one] = faces_at(looks, pixels, one)
        if found[one]:
            return None
    if is_sure(face, *pixels.shape[:2]):
        return face
    return confirmed(face, close_look(looks, pixels, face, SURE))


def is_clear(face: Sighting, longer: int) -> bool:
    """Whether it is large for a photo of this longer side, and upright."""
    return max(face.box[2:]) > LARGE * longer and face.lean < UPRIGHT


def is_sure(face: Sighting, height: int, width: int) -> bool:
    """Whether it is a face for certain, upright, and as a whole in a photo of this size, not close
    to its edge."""
    left, top, wide, high = face.box
    across, down = INSIDE * wide, INSIDE * high
    inside = min(left, width - left - wide) > across and min(top, height - top - high) > down
    return face.score > SURE and face.lean < UPRIGHT and inside


def confirmed(face: Sighting, seen: list[Sighting]) -> Sighting | None:
    """The face as CenterFace sees it, if it does."""
    best = max(seen, key=lambda other: other.score, default=None)
    if best is None or best.lean > UPRIGHT:
        return None
    same = overlap(np.array(face.box), np.array([best.box]))[0] > SAME
    return best if same else None


def logit(probability: float) -> float:
    return log(probability / (1 - probability))
