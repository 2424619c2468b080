"""How wide should a chip be? What the untouched backbone sees in chips of several paddings.

    python -m training.studies.padding --backbone NPZ --utkface DIR --aaf DIR --fairface DIR

A linear probe (Alain, Bengio, "Understanding intermediate layers using linear classifier probes",
2016): ridge regression from the network's pooled features to age and gender, on the same faces cut
again for each padding. Fine-tuned networks err a quarter less; what counts is which padding leads.
"""

from collections.abc import Sequence
from pathlib import Path

import click
import keras
import numpy as np
from rich.progress import track

from model import chip, network
from model.faces import FaceFinder
from model.photo import PhotoError
from model.probabilities import is_female
from training import clean, options, prepare, shards, splits
from training.datasets import Record
from training.markdown import table

PADDINGS = (0.25, 0.4, 0.6)
RIDGE = 0.05  # of the number of faces: the best of five tried, at each padding


@click.command()
@prepare.data_sets
@click.option("--backbone", type=options.FILE, required=True, help="VGGFace2 arrays.")
@click.option("--faces", default=6000, show_default=True, help="About how many to fit on.")
@click.option("--padding", "paddings", multiple=True, default=PADDINGS, help="May be repeated.")
def main(backbone: Path, faces: int, paddings: Sequence[float], **folders: Path | None) -> None:
    """Error of a linear probe on the backbone's features, by the chip's padding."""
    records, _ = clean.by_label(prepare.read(folders))
    train = np.array(splits.split(records)) == "train"
    fit, test = np.flatnonzero(train), np.flatnonzero(~train)
    picks = np.concatenate([fit[:: max(1, len(fit) // faces)], test])
    finder, model, rows = FaceFinder(), pooled(backbone), []
    cut = {i: crops(finder, records[i], paddings) for i in track(picks, "aligning")}
    found = {i: chips for i, chips in cut.items() if chips}
    for place, padding in enumerate(paddings):
        pixels = np.stack([chips[place] for chips in found.values()])
        features = model.predict(pixels, batch_size=32, verbose=0)
        count, error, right = probe(features, [records[i] for i in found], train[list(found)])
        rows.append((str(padding), str(count), f"{error:.2f}", f"{right:.1%}"))
    print(table(("padding", "faces", "MAE, years", "gender"), rows))


def crops(finder: FaceFinder, record: Record, paddings: Sequence[float]) -> list[np.ndarray] | None:
    """The face's chip at each padding, see model.chip; None where `prepare` has none."""
    try:
        pixels, scale = shards.pixels_of(record, record.path.read_bytes())
    except (PhotoError, OSError):
        return None
    faces = finder.find(pixels)
    if clean.by_faces(faces, scale):
        return None
    return [chip.cut(pixels, faces[0].landmarks, padding) for padding in paddings]


def pooled(backbone: Path) -> keras.Model:
    """Chips -> the 1792 features before the heads."""
    model = network.build()
    network.load_arrays(model, backbone)
    return keras.Model(model.input, model.get_layer("pool").output)


def probe(features: np.ndarray, records: Sequence[Record], train: np.ndarray) -> tuple:
    """Number, MAE in years and share of right genders of the faces not in `train`, (n,) bool."""
    ages = np.array([(record.age_low, record.age_high) for record in records], float)
    genders = np.array([-1 if record.gender is None else record.gender for record in records])
    exact, known = ages[:, 0] == ages[:, 1], genders >= 0
    age = ridge(features, ages[:, 0], train & exact)
    female = ridge(features, genders, train & known)
    error = np.abs(age - ages[:, 0])[~train & exact].mean()
    right = (is_female(female) == (genders > 0.5))[~train & known].mean()
    return (~train).sum(), error, right


def ridge(features: np.ndarray, target: np.ndarray, fit: np.ndarray) -> np.ndarray:
    """Estimates of `target`, (n,), from `features`, (n, d), fitted on the rows `fit`, (n,) bool."""
    middle, spread = features[fit].mean(axis=0), features[fit].std(axis=0) + 1e-6
    x, mean = (features - middle) / spread, target[fit].mean()
    gram = x[fit].T @ x[fit] + RIDGE * fit.sum() * np.eye(x.shape[1])
    return x @ np.linalg.solve(gram, x[fit].T @ (target[fit] - mean)) + mean


if __name__ == "__main__":
    main(prog_name="python -m training.studies.padding")
