"""Where the notes `unsure` and `cut_off` begin.

    python -m training.studies.doubt --faces FOLDER --none FOLDER

The first table has the detector's scores in portraits and in photos without a face. The second cuts
off parts of portraits and compares the answers with those for the whole ones.
"""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import click
import numpy as np

from model.estimator import Estimator, Face
from model.faces import FaceFinder
from model.quality import UNSURE
from training import options
from training.markdown import table
from training.studies.detector import photos
from training.studies.roll import estimate

SCORES = ("score below", "faces", "photos without a face that have one above")
CUTS = ("missing", "found", "years off", "same gender", "beyond the edge", "`cut_off`", "`unsure`")
LEVELS = (0.45, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85)
SHARES = (0, 0.1, 0.2, 0.3, 0.4, 0.5)


@click.command()
@click.option("--faces", type=options.FOLDER, required=True, help="Portraits of one face.")
@click.option("--none", type=options.FOLDER, required=True, help="Photos without a face.")
@click.option("--photos", "limit", default=700, show_default=True, help="At most, per folder.")
@click.option("--cut", default=100, show_default=True, help="Portraits of which parts are cut off.")
def main(faces: Path, none: Path, limit: int, cut: int) -> None:
    """Scores of faces and of what is none; errors of faces that the photo's edge cuts."""
    finder, estimator = FaceFinder(), Estimator()
    with_face, without = (list(scores(finder, folder, limit)) for folder in (faces, none))
    print(f"{len(with_face)} portraits, {len(without)} photos without a face\n")
    print(table(SCORES, [level_row(level, with_face, without) for level in LEVELS]), end="\n\n")
    print(table(CUTS, cut_rows(estimator, list(photos(faces, cut)))))


def scores(finder: FaceFinder, folder: Path, limit: int) -> Iterator[float]:
    """The highest in each photo, 0 where nothing is found."""
    for pixels in photos(folder, limit):
        yield max((face.score for face in finder.find(pixels)), default=0.0)


def level_row(level: float, faces: list[float], none: list[float]) -> tuple[str, ...]:
    found = [score for score in faces if score]
    below, above = np.mean([s < level for s in found]), np.mean([s >= level for s in none])
    return f"{level:.2f}", f"{below:.1%}", f"{above:.1%}"


def cut_rows(estimator: Estimator, portraits: list[np.ndarray]) -> Iterator[tuple[str, ...]]:
    whole = [
        (pixels, faces[0]) for pixels in portraits if sure(faces := estimate(estimator, pixels))
    ]
    for side, share in product(("chin", "forehead", "cheek"), SHARES):
        answers = [
            (face, others[0])
            for pixels, face in whole
            if (others := estimate(estimator, without(pixels, face, side, share)))
        ]
        notes = [other.quality.notes() for _, other in answers]
        yield (
            f"{share:.0%}, {side}",
            f"{len(answers) / len(whole):.0%}",
            f"{np.mean([abs(face.age - other.age) for face, other in answers]):.2f}",
            f"{np.mean([face.gender == other.gender for face, other in answers]):.0%}",
            f"{np.median([other.quality.beyond for _, other in answers]):.2f}",
            *(f"{np.mean([note in said for said in notes]):.0%}" for note in ("cut_off", "unsure")),
        )


def sure(faces: list[Face]) -> bool:
    return len(faces) == 1 and faces[0].quality.detection >= UNSURE and not faces[0].quality.beyond


def without(pixels: np.ndarray, face: Face, side: str, share: float) -> np.ndarray:
    """The photo without a share of the face's box, at its chin, forehead or one cheek."""
    left, top, width, height = face.box
    if side == "chin":
        pixels = pixels[: round(top + height * (1 - share))]
    elif side == "forehead":
        pixels = pixels[round(top + height * share) :]
    else:
        pixels = pixels[:, : round(left + width * (1 - share))]
    return np.ascontiguousarray(pixels)


if __name__ == "__main__":
    main(prog_name="python -m training.studies.doubt")
