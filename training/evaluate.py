"""How wrong is it? MAE, CS@5 and gender accuracy by data set and age band, on validation."""

import argparse
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from model.age_range import expected
from model.engine import WEIGHTS, Engine, metadata, open_engine
from training import data

COLUMNS = ("data set", "who", "photos", "MAE, years", "within 5 years", "in the range", "gender")
SHARES = ("cs5", "in_range", "gender")
ADULT = 18  # years
GENDERS = ("men", "women")
BANDS = [(low, low + 9) for low in range(0, 70, 10)] + [(70, 100)]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--chips", type=Path, default=Path("chips"), help="what prepare wrote")
    parser.add_argument("--engine", choices=("onnx", "keras"), default="onnx", help="%(default)s")
    parser.add_argument(
        "--weights", type=Path, default=WEIGHTS, help="folder; default: the shipped one"
    )
    parser.add_argument(
        "--split", choices=("validation", "train"), default="validation",
        help="%(default)s; train tells what was learned by heart",
    )  # fmt: skip
    parser.add_argument("--faces", type=int, help="about so many, evenly picked; default: all")
    parser.add_argument("--out", type=Path, help="also write the figures to this .json")
    parser.add_argument("--report", type=Path, metavar="DIR", help="also write a page with plots")


def run(args: argparse.Namespace) -> None:
    """Print the table of figures; with `--out` and `--report`, write them too."""
    if args.report and args.split == "train":
        raise SystemExit("a report is about faces that training never saw: leave out --split train")
    chips = data.load(args.chips, args.split)
    if args.faces:
        chips = chips.subset(np.arange(0, len(chips), max(1, len(chips) // args.faces)))
    predicted = predict(open_engine(args.engine, args.weights), chips)
    measured = measure(chips, *predicted)
    show(measured)
    if args.out:
        args.out.write_text(json.dumps(measured, indent=2) + "\n")
    if args.report:
        from training import report  # draws: a second that most calls don't need

        report.write(args.report, chips, *predicted, measured, metadata(args.weights)["version"])


def predict(
    engine: Engine, chips: data.Chips, size: int = 32, mirrored: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of each year, (n, 101), and of female, (n,), float32, of the chips or of
    their mirror images; on all cores."""

    def answer(start: int) -> tuple[np.ndarray, np.ndarray]:
        pixels = chips.batch(np.arange(start, min(start + size, len(chips))))
        return engine.run(pixels[:, :, ::-1] if mirrored else pixels)

    starts = range(0, len(chips), size)
    with ThreadPoolExecutor() as pool:
        parts = list(track(pool.map(answer, starts), "evaluating", len(starts)))
    ages, female = zip(*parts, strict=True)
    return np.concatenate(ages), np.concatenate(female)


def measure(chips: data.Chips, ages: np.ndarray, female: np.ndarray) -> dict:
    """`{data set: {group: figures}}`; the group `all` is the whole data set, the others are
    adults, age bands, genders and races.

    Figures: `n` photos; `mae` in years and `cs5`, the share within 5 years, where labels name a
    year; `in_range`, the share of ages inside the label, where they name a range; `gender`, the
    share of right genders where it is known.
    """
    low, high = chips.ages.T
    age = expected(ages)
    error = np.abs(age - low)
    values = {
        "mae": (error, low == high),
        "cs5": (error <= 5, low == high),
        "in_range": ((low <= age.round()) & (age.round() <= high), low < high),
        "gender": ((female > 0.5) == (chips.gender[:, 0] > 0.5), chips.gender[:, 0] >= 0),
    }
    return {
        str(source): {
            name: figures(values, pick & (chips.source == source))
            for name, pick in groups(chips)
            if (pick & (chips.source == source)).any()
        }
        for source in np.unique(chips.source)
    }


def groups(chips: data.Chips) -> Iterator[tuple[str, np.ndarray]]:
    """Names of groups and who belongs to them, (n,) bool."""
    low = chips.ages[:, 0]
    yield "all", low >= 0
    yield "adults", low >= ADULT
    for first, last in BANDS:
        # a range counts where it begins
        yield f"{first}-{last}", (first <= low) & (low <= last)
    for value, name in enumerate(GENDERS):
        yield name, chips.gender[:, 0] == value
    for race in np.unique(chips.race[chips.race != ""]):
        yield str(race), chips.race == race


def off_label(chips: data.Chips, ages: np.ndarray) -> np.ndarray:
    """Years from the expected age to the label, (n,): 0 inside a range. `ages`: (n, 101)."""
    low, high = chips.ages.T
    age = expected(ages)
    return np.maximum(np.maximum(low - age, age - high), 0)


def beside(
    chips: data.Chips, pick: np.ndarray, reference: np.ndarray, value: np.ndarray
) -> tuple[float, float]:
    """The mean of `value`, (n,), over `pick`, and over faces of `reference` that are like them, of
    the same data sets and decades; `pick` and `reference`: (n,) bool. Errors grow with age, and a
    range hides them: only like faces can be compared, and those with nothing alike are left out.
    (nan, nan) if none is left."""
    decade = chips.ages[:, 0] // 10
    own, others = [], []
    for source, ten in sorted(set(zip(chips.source, decade, strict=True))):
        kind = (chips.source == source) & (decade == ten)
        if (kind & pick).any() and (kind & reference).any():
            own.append(value[kind & pick])
            others.append(np.full(len(own[-1]), value[kind & reference].mean()))
    if not own:
        return float("nan"), float("nan")
    return float(np.concatenate(own).mean()), float(np.concatenate(others).mean())


def figures(values: dict, pick: np.ndarray) -> dict:
    """The means of `values`, (what, where it is defined), over `pick`."""
    row: dict = {"n": int(pick.sum())}
    for name, (value, defined) in values.items():
        if (pick & defined).any():
            row[name] = round(float(value[pick & defined].mean()), 4)
    return row


def overall(measured: dict, name: str) -> float:
    """The mean over all photos of the data sets that have this figure."""
    sets = [groups["all"] for groups in measured.values() if name in groups["all"]]
    return sum(row["n"] * row[name] for row in sets) / sum(row["n"] for row in sets)


def show(measured: dict) -> None:
    table = Table(*COLUMNS)
    for row in rows(measured):
        table.add_row(*row)
    Console().print(table)


def rows(measured: dict) -> Iterator[tuple[str, ...]]:
    """What `measure` returned, as the text of a table with `COLUMNS`."""
    for source, found in measured.items():
        for group, row in found.items():
            cells = (
                f"{row[name]:{style}}" if name in row else "–"
                for name, style in (("mae", ".2f"), *((n, ".1%") for n in SHARES))
            )
            yield source, group, str(row["n"]), *cells
