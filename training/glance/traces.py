"""Labelled photos -> what the glance sees from near in scenes made of them, right or wrong, for its
second network to learn from."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import islice
from math import ceil
from multiprocessing import get_context
from pathlib import Path

import click
import numpy as np

from model.glance import SHORTER, SIDE, STRIDE, WINDOW, Glance, cells_at, reduced, window
from model.processor import cores
from training import options
from training.glance import scenes
from training.glance.label import Labelled, load
from training.glance.network import CHANNELS
from training.glance.train import TESTED, by_kind

SIDES = 200, 800  # pixels of a scene's longer side
CLOSER = 0.35  # of the scenes are seen as in a closer look
MOST = 40  # traces of a scene
CELLS = WINDOW // STRIDE

# (WINDOW, WINDOW, 3) uint8, its targets, and (CELLS, CELLS) bool: which the glance reads
Seen = tuple[np.ndarray, np.ndarray, np.ndarray]


@click.command()
@click.option("--photos", type=options.FILE, default="glance.npz", help="What `label` wrote.")
@click.option("--scenes", "count", default=60_000, show_default=True, help="To look at.")
@click.option("--out", type=options.OUTPUT, default="traces.npz", show_default=True)
def main(photos: Path, count: int, out: Path) -> None:
    """Collect what the glance takes for faces, with what is there. Every tenth scene is made of
    photos that no network learns from."""
    pool = ProcessPoolExecutor(cores(), get_context("spawn"))
    seen = pool.map(_traces, [photos] * count, range(count), chunksize=20)
    with pool, click.progressbar(seen, count, label="looking for traces") as found:
        parts = [(*one, place % TESTED == 0) for place, some in enumerate(found) for one in some]
    windows, wanted, read, tested = (np.array(part) for part in zip(*parts, strict=True))
    np.savez(out, windows=windows, wanted=wanted, read=read, tested=tested)
    print(f"{out}: {len(windows)} traces, {are_faces(wanted, read).sum()} of them faces")


def are_faces(wanted: np.ndarray, read: np.ndarray) -> np.ndarray:
    """(n,) bool: whether there is a face where the glance reads. `wanted`: (n, 8, 8, 8), see
    training.glance.scenes.targets; `read`: (n, 8, 8) bool."""
    return ((wanted[..., 0] == 1) & (wanted[..., CHANNELS] == 1) & read).any(axis=(1, 2))


def _traces(photos: Path, number: int) -> list[Seen]:
    faces, none = _sources(photos, number % TESTED == 0)
    return list(traces(np.random.default_rng((2, number)), _glance(), faces, none))


def traces(
    rng: np.random.Generator, glance: Glance, faces: list[Labelled], none: list[Labelled]
) -> Iterator[Seen]:
    """What the glance takes for faces in one scene."""
    longer = round(np.exp(rng.uniform(*np.log(SIDES))))
    image, found = scenes.composed(rng, faces, none, longer)
    pixels = np.asarray(image)
    factor = ceil(min(longer / SIDE, min(image.size) / SHORTER))
    if rng.random() < CLOSER:
        factor = int(rng.integers(1, factor + 1))
    small = reduced(pixels, factor)
    for trace in islice(glance.wide(pixels, small, factor), MOST):
        part, seen = window(pixels, small, factor, trace)
        left, top, wide, high = part
        scale = WINDOW / wide, WINDOW / high
        inside = (found[:, :5] - (left, top, 0, 0, 0)) * (*scale, *scale, 1)
        there = scenes.visible(inside, (WINDOW, WINDOW))
        read = np.zeros((CELLS, CELLS), bool)
        read[cells_at(trace, part)] = True
        yield seen, scenes.targets(there, WINDOW).astype(np.float16), read


@cache
def _sources(photos: Path, tested: bool) -> tuple[list[Labelled], list[Labelled]]:
    """Once per process."""
    return by_kind([photo for n, photo in enumerate(load(photos)) if (n % TESTED == 0) == tested])


@cache
def _glance() -> Glance:
    """One per process."""
    return Glance()


if __name__ == "__main__":
    main(prog_name="python -m training.glance.traces")
