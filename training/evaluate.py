"""How wrong is it? MAE, CS@5 and gender accuracy by data set and age band, on validation."""

import json
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from model.engine import Engine, open_engine
from training import data

BANDS = [(low, low + 9) for low in range(0, 70, 10)] + [(70, 100)]


def add_arguments(parser) -> None:
    parser.add_argument("--chips", type=Path, default=Path("chips"), help="what prepare wrote")
    parser.add_argument("--engine", choices=("onnx", "keras"), default="onnx", help="%(default)s")
    parser.add_argument("--weights", type=Path, help="folder of weights; default: the shipped ones")
    parser.add_argument("--out", type=Path, help="also write the figures to this .json")


def run(args) -> None:
    """Print the table of figures; with `--out`, write them too."""
    chips = data.load(args.chips, "validation")
    engine = open_engine(args.engine, args.weights) if args.weights else open_engine(args.engine)
    figures = measure(chips, *predict(engine, chips))
    show(figures)
    if args.out:
        args.out.write_text(json.dumps(figures, indent=2) + "\n")


def predict(engine: Engine, chips: data.Chips, size: int = 32) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of each year, (n, 101), and of female, (n,), float32."""
    starts = range(0, len(chips), size)
    parts = [
        engine.run(chips.batch(np.arange(start, min(start + size, len(chips)))))
        for start in track(starts, "evaluating")
    ]
    ages, female = zip(*parts, strict=True)
    return np.concatenate(ages), np.concatenate(female)


def measure(chips: data.Chips, ages: np.ndarray, female: np.ndarray) -> dict:
    """`{data set: {band: {n, mae, cs5, gender}}}`; the band `all` is the whole data set."""
    error = np.abs(ages @ np.arange(ages.shape[1]) - chips.age[:, 0])
    right = (female > 0.5) == (chips.gender[:, 0] > 0.5)
    figures = {}
    for source in np.unique(chips.source):
        of_source = chips.source == source
        age = chips.age[:, 0]
        bands = {"all": of_source, "adults": of_source & (age >= 18)}
        for low, high in BANDS:
            bands[f"{low}-{high}"] = of_source & (low <= age) & (age <= high)
        figures[str(source)] = {
            name: {
                "n": int(pick.sum()),
                "mae": round(float(error[pick].mean()), 2),
                "cs5": round(float((error[pick] <= 5).mean()), 4),
                "gender": round(float(right[pick].mean()), 4),
            }
            for name, pick in bands.items()
            if pick.any()
        }
    return figures


def show(figures: dict) -> None:
    table = Table("data set", "ages", "photos", "MAE", "CS@5", "gender")
    for source, bands in figures.items():
        for name, f in bands.items():
            table.add_row(
                source,
                name,
                str(f["n"]),
                f"{f['mae']:.2f}",
                f"{f['cs5']:.1%}",
                f"{f['gender']:.1%}",
            )
    Console().print(table)
