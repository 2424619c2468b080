"""What a run needs to resume exactly where it was: weights, optimizer, average, figures.

A checkpoint folder gets its name only once it is complete, so a kill costs at most the steps since
the last one.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from model import network

BEST = "best.npz"
ARGUMENTS = "arguments.json"  # of `train`; `export` copies them into model.json
AVERAGE_EVERY = 10  # steps: averaging copies every weight to the host
Arrays = dict[str, np.ndarray]


@dataclass
class State:
    """`step`: how many are done; `average`: a moving average of all weights, in float32, from step
    `since` on; `best`: the lowest validation MAE, in years; `without_progress`: validations since
    then; `error`, `gender`: MAE and share of right genders of the last validation."""

    step: int
    average: Arrays
    since: int = 0
    best: float = float("inf")
    without_progress: int = 0
    error: float = float("inf")
    gender: float = 0.0

    def advance(self, model: keras.Model, decay: float) -> None:
        """Count one step and update the average (Polyak, Juditsky, 1992). `decay` of it stays at
        each step, less at first, so that the untrained weights soon fade."""
        self.step += 1
        if self.step % AVERAGE_EVERY:
            return
        seen = self.step - self.since
        stays = min(decay**AVERAGE_EVERY, seen / (seen + 10 * AVERAGE_EVERY))
        for name, now in network.arrays(model).items():
            self.average[name] += (1 - stays) * (now - self.average[name])

    @contextmanager
    def averaged(self, model: keras.Model) -> Iterator[None]:
        """The model has the averaged weights inside this context."""
        own = network.arrays(model)
        network.assign(model, self.average)
        try:
            yield
        finally:
            network.assign(model, own)

    def validated(self, error: float, gender: float, folder: Path) -> None:
        """Note the figures of a validation; save the average as `BEST` if its error, in years, is
        the lowest so far."""
        self.error, self.gender = error, gender
        self.without_progress += 1
        if error < self.best:
            self.best, self.without_progress = error, 0
            fresh = folder / f"fresh-{BEST}"
            np.savez(fresh, **self.average)  # type: ignore[arg-type]
            fresh.replace(folder / BEST)


def save(folder: Path, model: keras.Model, state: State) -> None:
    """Write a checkpoint into `folder`, then remove the older ones."""
    fresh = folder / "fresh"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    model.save_weights(fresh / "model.weights.h5")
    np.savez(fresh / "average.npz", **state.average)  # type: ignore[arg-type]
    figures = {name: value for name, value in vars(state).items() if name != "average"}
    (fresh / "state.json").write_text(json.dumps(figures) + "\n")
    older = saved(folder)
    fresh.rename(folder / f"step-{state.step:07d}")
    for path in older:
        shutil.rmtree(path, ignore_errors=True)


def restore(folder: Path, model: keras.Model) -> State:
    """Load the last checkpoint in `folder` into `model`; without one, return a new state."""
    if not (found := saved(folder)):
        return State(0, network.arrays(model))
    model.load_weights(found[-1] / "model.weights.h5")
    with np.load(found[-1] / "average.npz") as average:
        return State(average=dict(average), **json.loads((found[-1] / "state.json").read_text()))


def saved(folder: Path) -> list[Path]:
    """Every complete checkpoint, the latest last."""
    return sorted(folder.glob("step-*"))
