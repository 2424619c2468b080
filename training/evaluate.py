"""How wrong are the weights? MAE, CS@5 and gender accuracy by data set and age band."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
import numpy as np
from rich.console import Console
from rich.progress import track

from model.engine import WEIGHTS, Engine, metadata, open_engine
from training import data, options
from training.markdown import table
from training.measures import COLUMNS, measure, rows


@click.command()
@options.chips
@click.option("--engine", type=click.Choice(["onnx", "keras"]), default="onnx", help="What to run.")
@click.option("--weights", type=options.FOLDER, default=WEIGHTS, help="Folder of the weights.")
@click.option(
    "--split", type=click.Choice(["validation", "train"]), default="validation",
    help="The photos to measure on; `train` shows what was memorised.",
)  # fmt: skip
@click.option("--faces", type=click.IntRange(min=1), help="Measure on about this many only.")
@click.option("--out", type=options.OUTPUT, help="Also write the figures to this .json file.")
@click.option("--report", type=options.OUTPUT, help="Also write a page with plots to this folder.")
def main(
    chips: Path, engine: str, weights: Path, split: str, faces: int | None,
    out: Path | None, report: Path | None,
) -> None:  # fmt: skip
    """Measure the error of weights by data set and age band."""
    if report and split == "train":
        raise click.UsageError("--report needs photos that training never saw: omit --split train")
    measured_on = data.load(chips, split)
    if faces:
        count = len(measured_on)
        measured_on = measured_on.subset(np.arange(0, count, max(1, count // faces)))
    predicted = predict(open_engine(engine, weights), measured_on)
    measured = measure(measured_on, *predicted)
    print(table(COLUMNS, rows(measured)))
    if out:
        out.write_text(json.dumps(measured, indent=2) + "\n")
    if report:
        from training.report import write  # imports matplotlib: a second that most calls don't need

        write(report, measured_on, *predicted, measured, metadata(weights)["version"])


def predict(
    engine: Engine, chips: data.Chips | np.ndarray, size: int = 32, mirrored: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of each year, (n, 101), and of female, (n,), float32, for the chips, or for
    pixels (n, 160, 160, 3) uint8, or for their mirror images; on all cores."""
    pixels_at = chips.batch if isinstance(chips, data.Chips) else chips.__getitem__

    def answer(start: int) -> tuple[np.ndarray, np.ndarray]:
        pixels = pixels_at(np.arange(start, min(start + size, len(chips))))
        return engine.run(pixels[:, :, ::-1] if mirrored else pixels)

    starts, progress = range(0, len(chips), size), Console(stderr=True)
    with ThreadPoolExecutor() as pool:
        parts = list(track(pool.map(answer, starts), "evaluating", len(starts), console=progress))
    ages, female = zip(*parts, strict=True)
    return np.concatenate(ages), np.concatenate(female)
