"""Labelled photos -> the graph of the glance."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from math import ceil
from pathlib import Path

import click
import keras
import numpy as np

from model.glance import LARGE, SIDE, UPRIGHT, is_clear, sightings
from training import options
from training.glance import fit, network, scenes
from training.glance.label import Labelled, load

BATCH = 30  # photos seen from near; two thirds as many scenes
AHEAD = 6  # batches
TESTED = 10  # every so many photos are not learned from
TESTS = 3000  # scenes
MOST_LOST = 0.003  # of them


@click.command()
@click.option("--photos", type=options.FILE, default="glance.npz", help="What `label` wrote.")
@click.option("--out", type=options.OUTPUT, default="glance.onnx", help="The graph to write.")
@click.option("--steps", default=12_000, help="Batches of 20 scenes and 120 windows.")
@click.option("--learning-rate", default=2e-3, help="Its peak; then a cosine.")
@click.option("--start", type=options.FILE, help="Weights to go on from; else random ones.")
@click.option("--seed", default=0, help="Of the weights and the scenes.")
def main(
    photos: Path, out: Path, steps: int, learning_rate: float, start: Path | None, seed: int
) -> None:
    """Teach the glance where the detector finds faces, and say how often it is right."""
    keras.utils.set_random_seed(seed)
    labelled = load(photos)
    learned = [photo for place, photo in enumerate(labelled) if place % TESTED]
    model = fit.begun(start)
    made = batches(learned, steps, seed)
    fit.fit(model, made, steps, learning_rate, out, ("scenes", "from near"))
    model = network.shipped(model)
    trial = test(model, labelled[::TESTED])
    print(trial)
    if trial.lost > MOST_LOST * TESTS:
        raise click.ClickException(f"in over {MOST_LOST:.1%} of the scenes it sees too few faces")
    fit.export(model, out)


def batches(photos: Sequence[Labelled], steps: int, seed: int) -> Iterator[list]:
    faces, none = by_kind(photos)
    with ThreadPoolExecutor(2) as pool:
        seeds = iter(range(steps))
        waiting = [
            pool.submit(scenes.batch, (seed, step), BATCH, faces, none)
            for step in islice(seeds, AHEAD)
        ]
        while waiting:
            yield waiting.pop(0).result()
            waiting += [
                pool.submit(scenes.batch, (seed, step), BATCH, faces, none)
                for step in islice(seeds, 1)
            ]


def by_kind(photos: Sequence[Labelled]) -> tuple[list[Labelled], list[Labelled]]:
    """Those with faces, and those without. Data sets are cropped around the face, users' photos
    are not: those with more around it come up to four times."""
    faces = [p for p in photos if len(p.faces) for _ in range(min(4, ceil(0.25 / p.filled)))]
    return faces, [p for p in photos if not len(p.faces)]


@dataclass(frozen=True)
class Trial:
    """In how many scenes of new photos there is one large upright face and no other; in how many
    of these, and of all, the glance sees such a face; and how many of all have others beside
    it."""

    simple: int
    right: int
    seen: int
    lost: int

    def __str__(self) -> str:
        return (
            f"{TESTS} scenes: one large upright face in {self.simple}, seen in {self.right}; "
            f"seen in {self.seen} of all, of which {self.lost} have other faces"
        )


def test(model: keras.Model, photos: Sequence[Labelled]) -> Trial:
    faces, none = by_kind(photos)
    simple = right = seen = lost = 0
    for number in range(TESTS):
        pixels, known = scenes.scene(np.random.default_rng((1, number)), faces, none)
        only = sees_one(model(pixels[None], training=False).numpy()[0])
        large = known[:, 2:4].max(axis=1, initial=0) > LARGE * SIDE
        is_simple = len(known) == 1 and bool(large[0]) and abs(known[0, 4]) < UPRIGHT
        simple += is_simple
        right += is_simple and only
        seen += only
        lost += only and len(known) > 1
    return Trial(simple, right, seen, lost)


def sees_one(maps: np.ndarray) -> bool:
    """Whether the answer shows a clear face and no trace of another."""
    seen = sightings(maps)
    return bool(seen and is_clear(seen[0], SIDE) and all(seen[0].holds(one.centre) for one in seen))


if __name__ == "__main__":
    main(prog_name="python -m training.glance.train")
