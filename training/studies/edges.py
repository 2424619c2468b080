"""What a chip should show beyond the photo's edge: black or the last pixels.

    python -m training.studies.edges --utkface DIR

UTKFace's photos end where the face does, and so do many avatars. Training gives them a border; here
the validation photos have none. dlib fills the chip with black there, `model.chip` with the last
pixels.
"""

from pathlib import Path

import click
import dlib
import numpy as np
from rich.progress import track

from model import chip, photo
from model.engine import open_engine
from model.faces import FaceFinder
from model.probabilities import expected, is_female
from training import clean, options, splits
from training.datasets import Record, utkface
from training.evaluate import predict
from training.markdown import table


@click.command()
@click.option("--utkface", "folder", type=options.FOLDER, required=True, help="Its folder.")
def main(folder: Path) -> None:
    """Error with black and with repeated pixels beyond the photo's edge."""
    records, _ = clean.by_label(utkface.read(folder))
    sides = splits.split(records)
    held_out = [r for r, side in zip(records, sides, strict=True) if side == "validation"]
    if not held_out:
        raise click.ClickException(f"no photos of UTKFace in {folder}")
    finder, engine = FaceFinder(), open_engine()
    cut = [(crops(finder, r), r.age_low, r.gender) for r in track(held_out, "aligning")]
    kinds, ages, genders = zip(*(row for row in cut if row[0]), strict=True)
    counts, rows = (str(len(ages)), str(len(cut) - len(ages))), []
    for name, chips in zip(("black", "the last pixels"), zip(*kinds, strict=True), strict=True):
        estimates, female = predict(engine, np.stack(chips))
        error = np.abs(expected(estimates) - ages).mean()
        right = (is_female(female) == np.equal(genders, 1)).mean()
        rows.append((name, *counts, f"{error:.2f}", f"{right:.1%}"))
    print(table(("beyond the edge", "faces", "not found", "MAE, years", "gender"), rows))


def crops(finder: FaceFinder, record: Record) -> tuple[np.ndarray, np.ndarray] | None:
    """The largest face's chip, see model.chip, as dlib cuts it and as we do."""
    pixels = photo.decode(record.path.read_bytes()).pixels
    if not (faces := finder.find(pixels)):
        return None
    shape = chip.as_dlib(faces[0].landmarks)
    # dlib.get_face_chip does the same, but rounds the padding to 32 bits
    place = dlib.get_face_chip_details(shape, chip.CHIP_SIZE, chip.CHIP_PADDING)
    return dlib.extract_image_chip(pixels, place), faces[0].chip


if __name__ == "__main__":
    main(prog_name="python -m training.studies.edges")
