"""What a chip shows beyond the photo's edge: `python -m bench.tight --utkface DIR`

UTKFace's photos end where the face does, and so do many avatars. Training gives them a border; here
the validation ones come as they are, and the network answers for their chips as dlib cuts them,
black beyond the edge, and as `model.chip` does.
"""

import argparse
from pathlib import Path

import dlib
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench.quality import judged
from model import chip, photo
from model.age_range import expected
from model.engine import open_engine
from model.faces import FaceFinder
from training import clean, splits
from training.datasets import Record, utkface


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.tight", description=__doc__)
    parser.add_argument("--utkface", type=Path, required=True, metavar="DIR")
    records, _ = clean.by_label(utkface.read(parser.parse_args().utkface))
    sides = splits.split(records)
    held_out = [r for r, side in zip(records, sides, strict=True) if side == "validation"]
    finder, engine = FaceFinder(), open_engine()
    rows = [
        (record, *chips)
        for record in track(held_out, "aligning")
        if (chips := both(finder, record)) is not None
    ]
    found, *kinds = zip(*rows, strict=True)
    truth = np.array([record.age_low for record in found])
    female = np.array([record.gender == 1 for record in found])
    table = Table("beyond the edge", "faces", "not found", "MAE, years", "gender")
    for name, chips in zip(("black", "the last pixels"), kinds, strict=True):
        ages, probability = judged(engine, np.stack(chips))
        table.add_row(
            name,
            str(len(found)),
            str(len(held_out) - len(found)),
            f"{np.abs(expected(ages) - truth).mean():.2f}",
            f"{((probability > 0.5) == female).mean():.1%}",
        )
    Console().print(table)


def both(finder: FaceFinder, record: Record) -> tuple[np.ndarray, np.ndarray] | None:
    """The largest face's chip, (160, 160, 3) uint8 RGB, as dlib cuts it and as we do."""
    pixels = photo.decode(record.path.read_bytes()).pixels
    if not (faces := finder.find(pixels)):
        return None
    shape = chip.as_dlib(faces[0].landmarks)
    black = dlib.get_face_chip(pixels, shape, chip.CHIP_SIZE, chip.CHIP_PADDING)
    return black, faces[0].chip


if __name__ == "__main__":
    main()
