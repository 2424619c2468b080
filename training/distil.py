"""Earlier weights as a teacher beside the labels.

Two people who guess an age differ by years, so a label alone teaches its error too. The answer of
weights trained on all labels has less of it (Furlanello et al., "Born-Again Neural Networks",
2018).
"""

from pathlib import Path

import click
import numpy as np

from model.engine import open_engine
from training.data import Chips
from training.evaluate import predict

ANSWERS = "teacher.npz"


def answers(teacher: Path, chips: Chips, run: Path) -> dict[str, np.ndarray]:
    """The answers of the weights in the folder `teacher` for each chip and its mirror image,
    averaged: `age`, (n, 101), the probabilities of each year, 0 outside a label that is a range;
    `gender`, (n, 1), that of female. Saved in the folder `run`, for when training resumes.

    Raises model.engine.WeightsError when the weights are missing, broken or for other chips, and
    click.ClickException when the saved answers are for other chips.
    """
    saved = run / ANSWERS
    if not saved.exists():
        engine = open_engine(folder=teacher)
        views = [predict(engine, chips, mirrored=mirrored) for mirrored in (False, True)]
        ages, female = (np.mean(both, axis=0) for both in zip(*views, strict=True))
        run.mkdir(parents=True, exist_ok=True)
        fresh = run / f"fresh-{ANSWERS}"
        np.savez(fresh, age=within(chips.ages, ages), gender=female[:, None], name=chips.name)
        fresh.replace(saved)
    with np.load(saved) as found:
        if not np.array_equal(found["name"], chips.name):
            raise click.ClickException(
                f"{saved} is for other chips: remove it or use another --out"
            )
        return {name: found[name] for name in ("age", "gender")}


def within(labels: np.ndarray, ages: np.ndarray) -> np.ndarray:
    """The probabilities, (n, 101), restricted to the labels, (n, 2) years, that are ranges, and
    rescaled to a sum of 1."""
    low, high = labels[..., None].swapaxes(0, 1)
    years = np.arange(ages.shape[1])
    allowed = (low == high) | ((low <= years) & (years <= high))
    left = np.where(allowed, ages + 1e-6, 0)  # where the teacher rules out the whole range
    return (left / left.sum(axis=1, keepdims=True)).astype(np.float32)
