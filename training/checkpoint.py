"""All that a run needs to go on exactly where it was: weights, optimizer, average, what was best.

A checkpoint is a folder that gets its name when it is whole, so a kill costs at most the steps
since the last one.
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
AVERAGE_EVERY = 10  # steps: the average needs every weight on the host
Arrays = dict[str, np.ndarray]


@dataclass
class State:
    """`step`: how many are done; `average`: a moving average of all weights, in float32, from step
    `since` on; `best`: the lowest validation MAE, in years; `without_progress`: validations since
    then."""

    step: int
    average: Arrays
    since: int = 0
    best: float = float("inf")
    without_progress: int = 0
    words: str = "not validated yet"

    def advance(self, model: keras.Model, kept: float) -> None:
        """One step more; `kept` of the average stays at each step (Polyak, Juditsky, 1992), less
        at first, so that the untrained weights are soon forgotten."""
        self.step += 1
        if self.step % AVERAGE_EVERY:
            return
        seen = self.step - self.since
        stays = min(kept**AVERAGE_EVERY, seen / (seen + 10 * AVERAGE_EVERY))
        for name, now in network.arrays(model).items():
            self.average[name] += (1 - stays) * (now - self.average[name])

    @contextmanager
    def averaged(self, model: keras.Model) -> Iterator[None]:
        """Within, the model has the averaged weights."""
        own = network.arrays(model)
        network.assign(model, self.average)
        try:
            yield
        finally:
            network.assign(model, own)

    def judge(self, error: float, folder: Path) -> None:
        """Keep the average as the best if its validation error, in years, is the lowest."""
        self.without_progress += 1
        if error < self.best:
            self.best, self.without_progress = error, 0
            fresh = folder / f"fresh-{BEST}"
            np.savez(fresh, **self.average)  # type: ignore[arg-type]
            fresh.replace(folder / BEST)


def save(folder: Path, model: keras.Model, state: State) -> None:
    fresh = folder / "fresh"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    model.save_weights(fresh / "model.weights.h5")
    np.savez(fresh / "average.npz", **state.average)  # type: ignore[arg-type]
    facts = {name: value for name, value in vars(state).items() if name != "average"}
    (fresh / "state.json").write_text(json.dumps(facts) + "\n")
    older = saved(folder)
    fresh.rename(folder / f"step-{state.step:07d}")
    for path in older:
        shutil.rmtree(path, ignore_errors=True)


def restore(folder: Path, model: keras.Model) -> State:
    """The last checkpoint in `folder`, its weights and optimizer in `model`, or a new state."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (found := saved(folder)):
        return State(0, network.arrays(model))
    model.load_weights(found[-1] / "model.weights.h5")
    with np.load(found[-1] / "average.npz") as average:
        return State(average=dict(average), **json.loads((found[-1] / "state.json").read_text()))


def saved(folder: Path) -> list[Path]:
    """Every whole checkpoint, the last one last."""
    return sorted(folder.glob("step-*"))
