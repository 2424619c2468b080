"""How good are the weights on your own photos? Through the whole serving path, photo by photo."""

from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
import numpy as np
from rich.console import Console
from rich.progress import track

from model.engine import WEIGHTS
from model.estimator import Estimator, Face
from model.photo import PhotoError, decode
from training import clean, confidence, options, prepare
from training.data import Chips
from training.datasets import Record
from training.markdown import table
from training.measures import COLUMNS, measure, rows


@click.command()
@prepare.data_sets
@click.option("--weights", type=options.FOLDER, default=WEIGHTS, help="Folder of the weights.")
def main(weights: Path, **folders: Path | None) -> None:
    """Error, bias by decade, coverage and gender of the weights on labelled photos.

    As in serving, the answer is the largest face's; photos where it may not be the labelled one are
    counted, not judged.
    """
    try:
        records = prepare.read(folders)
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    estimator = Estimator(weights=weights)
    usable, unusable = clean.by_label(records)
    with ThreadPoolExecutor() as pool:
        answers = pool.map(lambda record: face_of(estimator, record), usable)
        found = list(track(answers, "judging", len(usable), console=Console(stderr=True)))
    pairs = list(zip(usable, found, strict=True))
    judged = [(record, face) for record, face in pairs if isinstance(face, Face)]
    reasons = [reason for _, reason in unusable]
    reasons += [reason for reason in found if isinstance(reason, str)]
    print(table(("photos", "number"), counts(len(judged), reasons)), end="\n\n")
    if judged:
        report(judged, estimator.facts["age_range"])


def face_of(estimator: Estimator, record: Record) -> Face | str:
    """The face that the label is for, or why there is none."""
    try:
        faces = estimator.estimate(decode(record.path.read_bytes()))
    except OSError:
        return "missing file"
    except PhotoError as error:
        return error.code
    return clean.by_faces(faces) or faces[0]


def counts(judged: int, reasons: Iterable[str]) -> list[tuple[str, str]]:
    """How many photos were judged, and how many were not, by reason."""
    return [
        ("judged", str(judged)),
        *((f"not judged: {reason}", str(n)) for reason, n in Counter(reasons).most_common()),
    ]


def report(judged: Sequence[tuple[Record, Face]], calibration: dict) -> None:
    """Print the figures of `training.measures`, and the error of the gender's confidence."""
    records, faces = zip(*judged, strict=True)
    chips = labels(records)
    ages = np.stack([face.ages for face in faces])
    female = np.array([face.female for face in faces])
    print(table(COLUMNS, rows(measure(chips, ages, female, calibration))))
    if (chips.gender >= 0).any():
        error = confidence.calibration_error(chips.gender[:, 0], female)
        print(f"\ngender's confidence and share of right answers are {error:.1%} apart on average")


def labels(records: Sequence[Record]) -> Chips:
    """The records' labels in the form that `training.measures` takes, without pixels."""
    return Chips(
        shards=[],
        places=np.zeros((len(records), 2), int),
        ages=np.array([(record.age_low, record.age_high) for record in records], np.float32),
        gender=np.array([[-1 if r.gender is None else r.gender] for r in records], np.float32),
        source=np.array([record.source for record in records]),
        name=np.array([record.key for record in records]),
        race=np.array([record.race for record in records]),
        person=np.array([record.person for record in records]),
        quality={},
    )
