"""Traces -> the graph with which the glance looks at them from near."""

from collections.abc import Iterator
from pathlib import Path

import click
import keras
import numpy as np

from training import options
from training.glance import fit, network
from training.glance.network import HEAT, OFFSET, TURN
from training.glance.traces import are_faces

BATCH = 120  # traces, half of them faces
LIGHT = 0.85, 1.15  # factor of all pixels
TINT = 6.0  # standard deviation of what is added to each colour
KEPT = 0.99, 0.98, 0.95  # of the faces

MIRRORED = [OFFSET.start, TURN.start]  # channels that change their sign: x and the sine


@click.command()
@click.option("--traces", type=options.FILE, default="traces.npz", help="What `traces` wrote.")
@click.option("--out", type=options.OUTPUT, default="glance_near.onnx", help="The graph to write.")
@click.option("--steps", default=22_000, show_default=True, help="Batches of 120 traces.")
@click.option("--learning-rate", default=1e-3, help="Its peak; then a cosine.")
@click.option("--start", type=options.FILE, help="Weights to go on from, as the glance's.")
@click.option("--seed", default=0, help="Of the weights and the batches.")
def main(
    traces: Path, out: Path, steps: int, learning_rate: float, start: Path | None, seed: int
) -> None:
    """Teach the look from near which traces are faces, and say how well it tells them apart."""
    keras.utils.set_random_seed(seed)
    with np.load(traces) as file:
        windows, wanted, read, tested = (
            file[name] for name in ("windows", "wanted", "read", "tested")
        )
    face = are_faces(wanted, read)
    model = fit.begun(start)
    made = batches(windows, wanted, face & ~tested, ~face & ~tested, steps, seed)
    fit.fit(model, made, steps, learning_rate, out, ["traces"])
    model = network.shipped(model)
    print(trial(model, windows[tested], read[tested], face[tested]))
    fit.export(model, out)


def batches(
    windows: np.ndarray,
    wanted: np.ndarray,
    faces: np.ndarray,
    others: np.ndarray,
    steps: int,
    seed: int,
) -> Iterator[list[fit.Part]]:
    """`faces` and `others`: (n,) bool, which of the traces to learn from."""
    rng = np.random.default_rng((3, seed))
    kinds = np.flatnonzero(faces), np.flatnonzero(others)
    for _ in range(steps):
        chosen = np.concatenate([rng.choice(kind, BATCH // 2) for kind in kinds])
        pixels, answers = windows[chosen].astype(np.float32), wanted[chosen].astype(np.float32)
        half = rng.random(len(chosen)) < 0.5
        pixels[half], answers[half] = mirrored(pixels[half], answers[half])
        pixels *= rng.uniform(*LIGHT, (len(chosen), 1, 1, 1))
        pixels += rng.normal(0, TINT, (len(chosen), 1, 1, 3))
        yield [(pixels.clip(0, 255).astype(np.uint8), answers)]


def mirrored(pixels: np.ndarray, answers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    answers = answers[:, :, ::-1].copy()
    answers[..., MIRRORED] *= -1
    return pixels[:, :, ::-1], answers


def trial(model: keras.Model, windows: np.ndarray, read: np.ndarray, face: np.ndarray) -> str:
    """What is left of the traces that are no face, where it keeps so many of the faces."""
    heat = model.predict(windows, verbose=0)[..., HEAT]
    heat = heat.max(axis=(1, 2), where=read, initial=-np.inf)
    left = [(heat[~face] > np.quantile(heat[face], 1 - kept)).mean() for kept in KEPT]
    shares = ", ".join(
        f"{no:.1%} with {kept:.0%} of the faces" for no, kept in zip(left, KEPT, strict=True)
    )
    return f"of {(~face).sum()} traces that are no face are left: {shares} ({face.sum()})"


if __name__ == "__main__":
    main(prog_name="python -m training.glance.near")
