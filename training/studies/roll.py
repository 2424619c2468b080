"""How well faces are judged that are not upright.

    python -m training.studies.roll FOLDER [FOLDER ...]

Turns portraits of one upright face, and compares each answer with that for the upright photo.
"""

from pathlib import Path

import click
import numpy as np
from PIL import Image

from model.estimator import Estimator, Face
from model.photo import Photo
from training import options
from training.markdown import table
from training.studies.detector import photos

HEAD = ("clockwise", "found", "years off", "same gender", "roll within 10°", "more than one face")
ANGLES = range(0, 360, 30)
MARGIN = 0.5  # more photo around the face, relative to the photo, before it is turned


@click.command()
@click.argument("folders", type=options.FOLDER, nargs=-1, required=True)
@click.option("--photos", "limit", default=100, show_default=True, help="At most, per folder.")
def main(folders: tuple[Path, ...], limit: int) -> None:
    """Answers for turned portraits, compared with those for the upright ones."""
    estimator, upright = Estimator(), []
    for folder in folders:
        for pixels in photos(folder, limit):
            faces = estimate(estimator, pixels)
            if len(faces) == 1:
                upright.append((pixels, faces[0]))
    with click.progressbar(ANGLES, label="turning") as angles:
        rows = [row(estimator, upright, angle) for angle in angles]
    print(f"{len(upright)} portraits\n\n{table(HEAD, rows)}")


def row(
    estimator: Estimator, upright: list[tuple[np.ndarray, Face]], angle: int
) -> tuple[str, ...]:
    answers = [(face, estimate(estimator, turned(pixels, angle))) for pixels, face in upright]
    found = [(face, others[0]) for face, others in answers if others]
    years = np.mean([abs(face.age - other.age) for face, other in found])
    gender = np.mean([face.gender == other.gender for face, other in found])
    roll = [abs((other.roll - face.roll - angle + 180) % 360 - 180) < 10 for face, other in found]
    several = sum(len(others) > 1 for _, others in answers)
    shares = len(found) / len(answers), gender, np.mean(roll)
    first, second, third = (f"{share:.1%}" for share in shares)
    return f"{angle}°", first, f"{years:.2f}", second, third, str(several)


def turned(pixels: np.ndarray, angle: int) -> np.ndarray:
    """The photo turned clockwise by whole degrees; its edge pixels fill the corners."""
    if angle % 90 == 0:
        return np.ascontiguousarray(np.rot90(pixels, -angle // 90))
    margin = round(MARGIN * max(pixels.shape))
    wide = np.pad(pixels, ((margin, margin), (margin, margin), (0, 0)), "edge")
    return np.asarray(Image.fromarray(wide).rotate(-angle, Image.Resampling.BICUBIC))


def estimate(estimator: Estimator, pixels: np.ndarray) -> list[Face]:
    height, width = pixels.shape[:2]
    return estimator.estimate(Photo(pixels, width, height))


if __name__ == "__main__":
    main(prog_name="python -m training.studies.roll")
