"""Earlier weights as a teacher beside the labels.

Two people who guess an age differ by years, so a label alone teaches its own error too. What
weights trained on all labels think of the face has less of it (Furlanello et al., "Born-Again
Neural Networks", 2018).
"""

from pathlib import Path

import numpy as np

from model.engine import open_engine
from training.data import Chips
from training.evaluate import predict

ANSWERS = "teacher.npz"


def answers(teacher: Path, chips: Chips, run: Path) -> dict[str, np.ndarray]:
    """What the weights in the folder `teacher` think of each chip and its mirror image, averaged:
    `age`, (n, 101), the probabilities of each year, none outside a label that is a range;
    `gender`, (n, 1), that of female. Kept in the folder `run`, for when training goes on.

    Raises model.engine.WeightsError when the weights are missing, broken or for other chips, and
    SystemExit when the answers kept are for other chips.
    """
    kept = run / ANSWERS
    if not kept.exists():
        engine = open_engine(folder=teacher)
        views = [predict(engine, chips, mirrored=mirrored) for mirrored in (False, True)]
        ages, female = (np.mean(both, axis=0) for both in zip(*views, strict=True))
        run.mkdir(parents=True, exist_ok=True)
        fresh = run / f"fresh-{ANSWERS}"
        np.savez(fresh, age=within(chips.ages, ages), gender=female[:, None], name=chips.name)
        fresh.replace(kept)
    with np.load(kept) as found:
        if not np.array_equal(found["name"], chips.name):
            raise SystemExit(f"{kept} is about other chips: remove it, or train into another --out")
        return {name: found[name] for name in ("age", "gender")}


def within(labels: np.ndarray, ages: np.ndarray) -> np.ndarray:
    """Where a label, (n, 2) years, is a range, the probabilities, (n, 101), that it leaves, their
    sum 1 again."""
    low, high = labels[..., None].swapaxes(0, 1)
    years = np.arange(ages.shape[1])
    allowed = (low == high) | ((low <= years) & (years <= high))
    left = np.where(allowed, ages + 1e-6, 0)  # a range that the teacher rules out is still so
    return (left / left.sum(axis=1, keepdims=True)).astype(np.float32)
