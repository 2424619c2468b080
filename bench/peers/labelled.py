"""Labelled photos that training never saw, as files for every peer."""

import hashlib
from pathlib import Path

import numpy as np
from PIL import Image

from model import photo
from training import clean, splits
from training.datasets import Record, aaf, utkface

# Training validates on the 5 % of photos whose names have the smallest hashes. It is less here,
# because cleaning removes photos before that split and so moves its limit slightly.
SHARE = 0.04


def validation(folder: Path) -> list[Record]:
    """The records of UTKFace and All-Age-Faces in `folder`, in the order of their hashes. Photos in
    which our detector finds no face are included."""
    records, _ = clean.by_label([*utkface.read(folder), *aaf.read(folder)])
    sides = splits.split(records, SHARE)
    chosen = [record for record, side in zip(records, sides, strict=True) if side == "validation"]
    # a random order, so that the first N are a fair sample
    return sorted(chosen, key=lambda record: hashlib.sha256(record.key.encode()).digest())


def write(record: Record, path: Path) -> None:
    """Save the photo as PNG. Tightly cropped faces get the border that training adds."""
    pixels = photo.decode(record.path.read_bytes()).pixels
    margin = round(record.border * max(pixels.shape[:2]))
    pixels = np.pad(pixels, ((margin, margin), (margin, margin), (0, 0)), mode="edge")
    Image.fromarray(pixels).save(path, compress_level=1)
