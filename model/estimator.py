"""The one door to the model: a photo in, its faces out."""

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model import quality, stages
from model.age_range import age_ranges, expected
from model.chip import CHIP_SIZE
from model.engine import WEIGHTS, WeightsError, metadata, open_engine
from model.faces import Detection, FaceFinder
from model.photo import Photo
from model.stages import stage

BATCH = 16  # faces in one run: bounds the memory that a photo of a crowd takes
SELF_TEST_YEARS = 3.0  # processors round int8 differently; broken weights are off by decades

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Face:
    """One face; coordinates are pixels of the upright photo as sent.

    `box`: left, top, width, height; `landmarks`: (5, 2), see model.faces; `age`: years, 0 to
    100; `ages`: (101,) float32, the probability of each of them; `age_range`: whole years, low
    and high; `female`: probability, 0 to 1; `score`: the detector's, 0 to 1; `quality`: how well
    the face can be judged.
    """

    box: tuple[float, float, float, float]
    landmarks: np.ndarray
    age: float
    ages: np.ndarray
    age_range: tuple[int, int]
    female: float
    score: float
    quality: quality.Quality

    @property
    def gender(self) -> str:
        return "Female" if self.female >= 0.5 else "Male"

    @property
    def gender_confidence(self) -> float:
        return max(self.female, 1 - self.female)


class Estimator:
    """Finds every face of a photo and estimates its age and gender. Load once, share freely.

    Raises model.engine.WeightsError when the weights cannot be used.
    """

    def __init__(self, engine: str = "onnx", weights: Path = WEIGHTS):
        self.facts = metadata(weights)
        self._engine = open_engine(engine, weights)
        self._finder = FaceFinder()
        self._self_test()

    def estimate(self, photo: Photo) -> list[Face]:
        """All faces of the photo, the largest first; an empty list when there is none."""
        found = self._finder.find(photo.pixels)
        faces = []
        for start in range(0, len(found), BATCH):
            part = found[start : start + BATCH]
            with stage("infer"):
                answers = self._engine.run(np.stack([detection.chip for detection in part]))
            faces += [
                self._face(detection, photo.scale, *answer)
                for detection, *answer in zip(part, *answers, strict=True)
            ]
        took = {"faces": len(faces), "milliseconds": stages.finish()}
        log.info("estimated", extra={"fields": took})
        return faces

    def _face(self, found: Detection, scale: float, ages: np.ndarray, female: float) -> Face:
        left, top, width, height = (edge * scale for edge in found.box)
        ((low, high),) = age_ranges(ages[None], self.facts["age_range"])
        return Face(
            box=(left, top, width, height),
            landmarks=found.landmarks * scale,
            age=float(expected(ages[None])[0]),
            ages=ages,
            age_range=(int(low), int(high)),
            female=float(female),
            score=found.score,
            quality=quality.measure(min(width, height), found.landmarks, found.chip),
        )

    def _self_test(self) -> None:
        """One known chip through the engine and one empty photo through the detector."""
        ages, _ = self._engine.run(self_test_chip())
        (age,), wanted = expected(ages), self.facts["self_test"]["age"]
        if abs(age - wanted) > SELF_TEST_YEARS:
            raise WeightsError(f"self-test: age {age:.1f}, expected {wanted}")
        if self._finder.find(np.zeros((240, 320, 3), np.uint8)):
            raise WeightsError("self-test: the detector sees a face in an empty photo")


def self_test_chip() -> np.ndarray:
    """A picture that no photo is needed for: a smooth ramp in each colour, (1, 160, 160, 3)."""
    ramp = np.linspace(0, 255, CHIP_SIZE)
    across, down = np.meshgrid(ramp, ramp)
    return np.stack([across, down, 255 - across], axis=-1).astype(np.uint8)[None]
