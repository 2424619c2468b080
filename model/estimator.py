"""The entry point of the model: a photo in, its faces out."""

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model import quality, timing
from model.age_range import age_ranges
from model.budget import Budget
from model.chip import CHIP_SIZE
from model.engine import FILES, WEIGHTS, WeightsError, metadata, open_engine
from model.faces import Detection, FaceFinder
from model.photo import Photo
from model.pose import Pose, pose_of
from model.probabilities import confidence, expected, is_female
from model.timing import stage

BATCH = 16  # faces per run of the network: limits the memory for a photo of a crowd
SELF_TEST_YEARS = 3.0  # processors round differently; broken weights are decades off

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Face:
    """One face; coordinates are pixels of the upright photo as sent.

    `box`: left, top, width, height; `landmarks`: (5, 2), see model.faces; `age`: years, 0 to
    100; `ages`: (101,) float32, the probability of each of them; `age_range`: whole years, low
    and high; `female`: probability, 0 to 1; `roll`: degrees, see model.faces; `quality`: what may
    make the estimate less reliable.
    """

    box: tuple[float, float, float, float]
    landmarks: np.ndarray
    age: float
    ages: np.ndarray
    age_range: tuple[int, int]
    female: float
    roll: float
    quality: quality.Quality

    def notes(self) -> list[str]:
        """What makes the estimate less reliable: the notes on the face's `quality`, and `child`:
        nobody can tell a small child's gender from its face."""
        return self.quality.notes() + ["child"] * (self.age < quality.CHILD)

    @property
    def pose(self) -> Pose:
        return pose_of(self.landmarks)

    @property
    def gender(self) -> str:
        return "Female" if is_female(self.female) else "Male"

    @property
    def gender_confidence(self) -> float:
        """0.5 to 0.99; never 1, see model.probabilities."""
        return float(confidence(self.female))


class Estimator:
    """Finds every face of a photo and estimates its age and gender. Safe to share between threads.

    Raises model.engine.WeightsError when the weights cannot be used.
    """

    def __init__(self, engine: str = "onnx", weights: Path = WEIGHTS):
        facts = metadata(weights)
        # besides what model.json says: the start of the hash of the file that answers
        self.facts = facts | {"weights": facts["sha256"][FILES[engine]][:12]}
        self._engine = open_engine(engine, weights)
        self._finder = FaceFinder()
        self._self_test()

    def estimate(self, photo: Photo, budget: Budget | None = None, min_size: int = 0) -> list[Face]:
        """The faces of the photo, the largest first. `budget` limits them, and counts those that
        it is too small for. Faces whose box has a side below `min_size` pixels of the photo as
        sent are left out, and are not counted."""
        budget = budget or Budget()
        found = [
            face
            for face in self._finder.find(photo.pixels, budget)
            # rounded, as in the answer: who asks for what it says gets it
            if round(min(face.box[2:]) * photo.scale) >= min_size
        ]
        faces: list[Face] = []
        for start in range(0, len(found), BATCH):
            if faces and not budget.in_time:
                budget.not_judged += len(found) - start
                break
            batch = found[start : start + BATCH]
            with stage("infer"):
                ages, female = self._engine.run(np.stack([detection.chip for detection in batch]))
            ranges = age_ranges(ages, self.facts["age_range"])
            faces += [
                _face(detection, photo.scale, *of_one)
                for detection, *of_one in zip(
                    batch, ages, expected(ages), ranges, female, strict=True
                )
            ]
        fields = {"faces": len(faces), "milliseconds": timing.finish()}
        log.info("estimated", extra={"fields": fields})
        return faces

    def _self_test(self) -> None:
        """Run a known chip through the engine and an empty photo through the detector."""
        ages, _ = self._engine.run(self_test_chip())
        (age,), reference = expected(ages), self.facts["self_test"]["age"]
        if abs(age - reference) > SELF_TEST_YEARS:
            raise WeightsError(f"self-test: age {age:.1f}, expected {reference}")
        if self._finder.find(np.zeros((240, 320, 3), np.uint8)):
            raise WeightsError("self-test: the detector finds a face in an empty photo")


def _face(
    found: Detection,
    scale: float,
    ages: np.ndarray,
    age: np.floating,
    age_range: np.ndarray,
    female: np.floating,
) -> Face:
    left, top, width, height = (edge * scale for edge in found.box)
    low, high = age_range.tolist()
    return Face(
        box=(left, top, width, height),
        landmarks=found.landmarks * scale,
        age=float(age),
        ages=ages,
        age_range=(low, high),
        female=float(female),
        roll=found.roll,
        quality=quality.measure(found, scale),
    )


def self_test_chip() -> np.ndarray:
    """A chip that needs no photo: a smooth ramp in each colour, (1, CHIP_SIZE,
    CHIP_SIZE, 3) uint8 RGB."""
    ramp = np.linspace(0, 255, CHIP_SIZE)
    across, down = np.meshgrid(ramp, ramp)
    return np.stack([across, down, 255 - across], axis=-1).astype(np.uint8)[None]
