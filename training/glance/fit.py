"""How both networks of the glance learn: AdamW, a cosine, the average of the last weights."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import keras
import numpy as np
from rich.progress import Progress, TextColumn

from model.glance import SIDE
from training.glance import network

WARM_UP = 300  # updates
SHOWN, SAVED = 100, 500  # steps

Part = tuple[np.ndarray, np.ndarray]  # pixels, and what training.glance.network.loss wants of them


def begun(start: Path | None) -> keras.Model:
    """The network with these weights, or with random ones."""
    model = network.build()
    if start:
        model.load_weights(start)
    return model


def fit(
    model: keras.Model,
    batches: Iterable[Sequence[Part]],
    steps: int,
    learning_rate: float,
    out: Path,
    names: Sequence[str],
) -> None:
    """Train with one update for each part of each batch. `names`: of the parts. The weights so far
    are saved beside `out`."""
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, len(names) * steps, alpha=0.01, warmup_target=learning_rate, warmup_steps=WARM_UP
    )
    optimizer = keras.optimizers.AdamW(rate, weight_decay=1e-3, use_ema=True, ema_momentum=0.998)
    model.compile(optimizer, loss=network.loss)
    losses: list[list[float]] = []

    def said(last: int) -> str:
        means = np.mean(losses[-last:], axis=0)
        return ", ".join(f"{name} {mean:.3f}" for name, mean in zip(names, means, strict=True))

    with Progress(*Progress.get_default_columns(), TextColumn("{task.fields[loss]}")) as bar:
        task = bar.add_task("training", total=steps, loss="")
        for batch in batches:
            losses.append([float(model.train_on_batch(*part)) for part in batch])
            bar.update(task, advance=1, loss=f"loss of {said(SHOWN)}")
            if len(losses) % SAVED == 0:
                bar.console.print(f"step {len(losses)}: loss of {said(SAVED)}")
                model.save_weights(out.with_suffix(".weights.h5"))
    optimizer.finalize_variable_values(model.trainable_variables)
    model.save_weights(out.with_suffix(".weights.h5"))


def export(model: keras.Model, out: Path) -> None:
    """Write the graph, and say the SHA-256 that model/glance.py needs to know."""
    model(np.zeros((1, SIDE, SIDE, 3), np.uint8))
    model.export(out, format="onnx", verbose=False)
    print(f"{out}: {hashlib.sha256(out.read_bytes()).hexdigest()}")
