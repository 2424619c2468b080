"""What a run needs to resume exactly where it was: weights, optimizer, average, seeds, figures.

A checkpoint folder gets its name only once it is complete, so a kill costs at most the steps since
the last one.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import BadZipFile

import click
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
    then; `error`, `gender`: MAE and share of right genders of the last validation; `run`: what
    must not change when it resumes, by name."""

    step: int
    average: Arrays
    run: dict = field(default_factory=dict)
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
    states = {name: keras.ops.convert_to_numpy(seed) for name, seed in seeds(model).items()}
    np.savez(fresh / "seeds.npz", **states)  # type: ignore[arg-type]
    figures = {name: value for name, value in vars(state).items() if name != "average"}
    (fresh / "state.json").write_text(json.dumps(figures) + "\n")
    older = saved(folder)
    fresh.rename(folder / f"step-{state.step:07d}")
    for path in older:
        shutil.rmtree(path, ignore_errors=True)


def restore(folder: Path, model: keras.Model, run: dict | None = None) -> State:
    """Load the last checkpoint in `folder` into `model`; without one, a new state. `run`: see
    `agree`."""
    if not (found := saved(folder)):
        return State(0, network.arrays(model), run or {})
    model.load_weights(found[-1] / "model.weights.h5")
    if (file := found[-1] / "seeds.npz").exists():  # not in checkpoints of earlier versions
        with np.load(file) as states:
            for name, seed in seeds(model).items():
                seed.assign(states[name])
    with np.load(found[-1] / "average.npz") as average:
        return State(average=dict(average), **facts(found[-1]) | {"run": run or {}})


def facts(checkpoint: Path) -> dict:
    """All of the checkpoint's `State` but its average."""
    return json.loads((checkpoint / "state.json").read_text())


def agree(folder: Path, run: dict) -> None:
    """Raise click.ClickException when the checkpoint in `folder` is of another run than `run`."""
    if not (found := saved(folder)):
        return
    noted = facts(found[-1]).get("run", {})
    other = [
        f"{name} {str(noted[name])[:12]}, not {str(now)[:12]}"
        for name, now in run.items()
        if name in noted and noted[name] != now
    ]
    if other:
        raise click.ClickException(
            f"{folder} holds another run ({'; '.join(other)}): use another --out, or --restart"
        )


def clear(folder: Path, *names: str) -> None:
    """Remove the run in `folder`: its checkpoints, its weights, and `names`."""
    for path in (*saved(folder), *(folder / name for name in (BEST, ARGUMENTS, *names))):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def seeds(model: keras.Model) -> dict:
    """The states of the random layers, dropout and stochastic depth, which Keras does not save."""
    return {
        layer.name: layer.seed_generator.state
        for layer in model.layers
        if getattr(layer, "seed_generator", None)
    }


def load(model: keras.Model, path: Path) -> None:
    """Fill `model` from an .npz. Raises click.ClickException when it is for another network."""
    try:
        network.load_arrays(model, path)
    except (KeyError, ValueError, TypeError, OSError, EOFError, BadZipFile) as error:
        raise click.ClickException(f"{path} has no weights of this network: {error}") from error


def saved(folder: Path) -> list[Path]:
    """Every complete checkpoint, the latest last."""
    return sorted(folder.glob("step-*"))
