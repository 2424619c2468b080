"""How wide should a chip be? What the untouched backbone sees in chips of several paddings.

    python -m bench.padding --backbone NPZ --utkface DIR --aaf DIR --fairface DIR

A linear probe (Alain, Bengio, "Understanding intermediate layers using linear classifier probes",
2016): ridge regression from the network's pooled features to age and gender, on the same faces cut
anew for each padding. Fine-tuned networks err a quarter less; what counts is which padding leads.
"""

import argparse
from pathlib import Path

import keras
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from model import chip, network
from model.faces import FaceFinder
from model.photo import PhotoError
from training import clean, prepare, shards, splits
from training.datasets import Record

PADDINGS = (0.25, 0.4, 0.6)
RIDGE = 0.05  # of the number of faces: the best of five tried, for each padding


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.padding", description=__doc__)
    for name in prepare.READERS:
        parser.add_argument(f"--{name}", type=Path, metavar="DIR", help=f"folder of {name}")
    parser.add_argument("--backbone", type=Path, required=True, help="VGGFace2 arrays")
    parser.add_argument("--faces", type=int, default=6000, help="to learn from, %(default)s")
    parser.add_argument("--paddings", type=float, nargs="+", default=PADDINGS)
    args = parser.parse_args()
    records, _ = clean.by_label(prepare.read(args))
    sides = np.array(splits.split(records))
    learn, judge = (np.flatnonzero(sides == side) for side in ("train", "validation"))
    finder = FaceFinder()
    picks = np.concatenate([learn[:: max(1, len(learn) // args.faces)], judge])
    rows = [
        (chips, records[i], sides[i] == "train")
        for i in track(picks, "aligning")
        if (chips := cut(finder, records[i], args.paddings)) is not None
    ]
    chips, records, known = zip(*rows, strict=True)
    body = pooled(args.backbone)
    table = Table("padding", "faces", "MAE, years", "gender")
    for padding, pixels in zip(args.paddings, zip(*chips, strict=True), strict=True):
        features = body.predict(np.stack(pixels), batch_size=32, verbose=0)
        figures = probe(features, records, np.array(known))
        table.add_row(str(padding), *(f"{value:{how}}" for value, how in figures))
    Console().print(table)


def cut(finder: FaceFinder, record: Record, paddings: list[float]) -> list[np.ndarray] | None:
    """The face's chip at each padding, (160, 160, 3) uint8; None where `prepare` has none."""
    try:
        pixels, scale = shards.pixels_of(record, record.path.read_bytes())
    except (PhotoError, OSError):
        return None
    faces = finder.find(pixels)
    if clean.by_faces(faces, scale):
        return None
    return [chip.cut(pixels, faces[0].landmarks, p) for p in paddings]


def pooled(backbone: Path) -> keras.Model:
    """Chips -> the 1792 features before the heads."""
    model = network.build()
    network.load_arrays(model, backbone)
    return keras.Model(model.input, model.get_layer("pool").output)


def probe(features: np.ndarray, records: list[Record], learn: np.ndarray) -> list[tuple]:
    """Faces judged, MAE in years and share of right genders, each with its format."""
    ages = np.array([(record.age_low, record.age_high) for record in records], float)
    genders = np.array([-1 if record.gender is None else record.gender for record in records])
    exact, known = ages[:, 0] == ages[:, 1], genders >= 0
    age = ridge(features, ages[:, 0], learn & exact)
    female = ridge(features, genders, learn & known)
    error = np.abs(age - ages[:, 0])[~learn & exact].mean()
    right = ((female > 0.5) == (genders > 0.5))[~learn & known].mean()
    return [((~learn).sum(), "d"), (error, ".2f"), (right, ".1%")]


def ridge(features: np.ndarray, target: np.ndarray, learn: np.ndarray) -> np.ndarray:
    """Estimates for all of `features`, (n, d), from those of `learn`, (n,) bool."""
    middle, spread = features[learn].mean(axis=0), features[learn].std(axis=0) + 1e-6
    x, mean = (features - middle) / spread, target[learn].mean()
    inside = x[learn].T @ x[learn] + RIDGE * learn.sum() * np.eye(x.shape[1])
    return x @ np.linalg.solve(inside, x[learn].T @ (target[learn] - mean)) + mean


if __name__ == "__main__":
    main()
