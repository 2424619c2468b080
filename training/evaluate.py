"""How wrong are the weights? MAE, bias, CS@5, coverage and gender by data set and decade."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
import numpy as np
from rich.console import Console
from rich.progress import track

from model.engine import WEIGHTS, Engine, metadata, open_engine
from training import data, options
from training.calibrate import left_out
from training.markdown import table
from training.measures import COLUMNS, measure, rows


@click.command()
@options.chips
@click.option("--engine", type=click.Choice(["onnx", "keras"]), default="onnx", help="What to run.")
@click.option("--weights", type=options.FOLDER, default=WEIGHTS, help="Folder of the weights.")
@click.option(
    "--split", type=click.Choice([*data.HALVES[::-1], "validation", "train"]),
    default="reporting", show_default=True,
    help="Photos to measure on: a half of validation, all of it, or those learned from.",
)  # fmt: skip
@click.option("--faces", type=click.IntRange(min=1), help="Measure on about this many only.")
@click.option("--out", type=options.OUTPUT, help="Also write the figures to this .json file.")
@click.option("--report", type=options.OUTPUT, help="Also write a page with plots to this folder.")
def main(
    chips: Path, engine: str, weights: Path, split: str, faces: int | None,
    out: Path | None, report: Path | None,
) -> None:  # fmt: skip
    """Measure the error of weights by data set and age band."""
    if report and split != "reporting":
        raise click.UsageError("--report needs photos that nothing was chosen on: omit --split")
    facts = metadata(weights)
    measured_on = data.load(chips, "validation" if report else split)
    if faces:
        count = len(measured_on)
        measured_on = measured_on.subset(np.arange(0, count, max(1, count // faces)))
    predicted = predict(open_engine(engine, weights), measured_on)
    if report:
        elsewhere = left_out(measured_on, predicted[0])
        measured_on, predicted = reporting(measured_on, predicted)
    measured = measure(measured_on, *predicted, facts["age_range"])
    print(table(COLUMNS, rows(measured)))
    if out:
        out.write_text(json.dumps(measured, indent=2) + "\n")
    if report:
        from training.report import write  # imports matplotlib: a second that most calls don't need

        write(report, measured_on, *predicted, measured, elsewhere, facts)


def reporting(
    held_out: data.Chips, answers: tuple[np.ndarray, np.ndarray]
) -> tuple[data.Chips, tuple[np.ndarray, np.ndarray]]:
    """The reporting half of validation, and of what `predict` answered for all of it."""
    picks = np.flatnonzero(~held_out.chooses)
    ages, female = answers
    return held_out.subset(picks), (ages[picks], female[picks])


def predict(
    engine: Engine, chips: data.Chips | np.ndarray, size: int = 32, mirrored: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of each year, (n, 101), and of female, (n,), float32, for the chips, or for
    pixels (n, CHIP_SIZE, CHIP_SIZE, 3) uint8, or for their mirror images; on all cores."""
    pixels_at = chips.batch if isinstance(chips, data.Chips) else chips.__getitem__

    def answer(start: int) -> tuple[np.ndarray, np.ndarray]:
        pixels = pixels_at(np.arange(start, min(start + size, len(chips))))
        return engine.run(pixels[:, :, ::-1] if mirrored else pixels)

    starts, progress = range(0, len(chips), size), Console(stderr=True)
    with ThreadPoolExecutor() as pool:
        parts = list(track(pool.map(answer, starts), "evaluating", len(starts), console=progress))
    ages, female = zip(*parts, strict=True)
    return np.concatenate(ages), np.concatenate(female)
