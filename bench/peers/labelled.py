"""Labelled photos that training never saw, as files that every peer is given alike."""

import hashlib
from pathlib import Path

import numpy as np
from PIL import Image

from model import photo
from training import clean, splits
from training.datasets import Record, aaf, utkface

# Of training's 5 %, the photos with the smallest hashes of their names. A little less, because
# cleaning takes photos away first and so moves the border by a few.
SHARE = 0.04


def validation(folder: Path) -> list[Record]:
    """The records of UTKFace and All-Age-Faces below `folder`, whatever the face detector says
    of them: a photo that ours cannot read counts as well."""
    records, _ = clean.by_label([*utkface.read(folder), *aaf.read(folder)])
    sides = splits.split(records, SHARE)
    chosen = [record for record, side in zip(records, sides, strict=True) if side == "validation"]
    # in an order that says nothing, so that a part of it is as good as the whole
    return sorted(chosen, key=lambda record: hashlib.sha256(record.key.encode()).digest())


def write(record: Record, path: Path) -> None:
    """The photo as PNG, with the border that training gives those cut at the face's edge."""
    pixels = photo.decode(record.path.read_bytes()).pixels
    margin = round(record.border * max(pixels.shape[:2]))
    pixels = np.pad(pixels, ((margin, margin), (margin, margin), (0, 0)), mode="edge")
    Image.fromarray(pixels).save(path, compress_level=1)
