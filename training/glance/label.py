"""Photos -> what the detector finds in them, for the glance to learn from."""

import io
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import click
import numpy as np
from PIL import Image

from model import photo
from model.budget import Budget
from model.detector import Detector
from model.processor import cores
from training import options

SIDE = 480  # pixels of the longer side, at most: the glance sees less than half of it
QUALITY = 95


@dataclass(frozen=True)
class Labelled:
    """`jpeg`: the photo; `faces`: (n, 5) float32, of each face the centre's x and y, width and
    height in pixels of the photo, and the roll in degrees."""

    jpeg: bytes
    faces: np.ndarray

    @property
    def image(self) -> Image.Image:
        return Image.open(io.BytesIO(self.jpeg)).convert("RGB")

    @property
    def filled(self) -> float:
        """The share of the photo that its largest face fills."""
        width, height = Image.open(io.BytesIO(self.jpeg)).size
        return float(self.faces[:, 2:4].prod(axis=1).max() / (width * height))


@click.command()
@click.argument("folders", type=options.FOLDER, nargs=-1, required=True)
@click.option("--photos", "limit", default=5000, show_default=True, help="At most, per folder.")
@click.option("--out", type=options.OUTPUT, default="glance.npz", show_default=True)
def main(folders: tuple[Path, ...], limit: int, out: Path) -> None:
    """Ask the detector about every photo in FOLDERS, with faces and without."""
    paths = [path for folder in folders for path in spread(folder, limit)]
    with (
        ProcessPoolExecutor(cores(), get_context("spawn")) as pool,
        click.progressbar(
            pool.map(label, paths, chunksize=20), len(paths), label="asking the detector"
        ) as answers,
    ):
        labelled = [answer for answer in answers if answer]
    save(out, labelled)
    faces = sum(len(photo.faces) for photo in labelled)
    print(f"{out}: {len(labelled)} photos, {faces} faces")


def save(path: Path, photos: list[Labelled]) -> None:
    np.savez(
        path,
        jpegs=np.frombuffer(b"".join(photo.jpeg for photo in photos), np.uint8),
        sizes=np.array([len(photo.jpeg) for photo in photos]),
        faces=np.concatenate([photo.faces for photo in photos]),
        counts=np.array([len(photo.faces) for photo in photos]),
    )


def load(path: Path) -> list[Labelled]:
    with np.load(path) as file:
        jpegs = np.split(file["jpegs"], np.cumsum(file["sizes"])[:-1])
        faces = np.split(file["faces"], np.cumsum(file["counts"])[:-1])
    return [Labelled(jpeg.tobytes(), f) for jpeg, f in zip(jpegs, faces, strict=True)]


def spread(folder: Path, limit: int) -> list[Path]:
    """At most so many files of a folder, evenly over their names."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return paths[:: max(1, len(paths) // limit)][:limit]


def label(path: Path) -> Labelled | None:
    """None when the file is no photo."""
    try:
        pixels = photo.decode(path.read_bytes()).pixels
    except photo.PhotoError:
        return None
    image = Image.fromarray(pixels)
    image.thumbnail((SIDE, SIDE), Image.Resampling.BICUBIC, reducing_gap=2.0)
    seen = _detector().search(np.asarray(image), Budget())
    faces = np.array([(*face.centre, *face.box[2:], face.roll) for face in seen], np.float32)
    return Labelled(jpeg(image), faces.reshape(-1, 5))


def jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()


@cache
def _detector() -> Detector:
    """One per process."""
    return Detector()


if __name__ == "__main__":
    main(prog_name="python -m training.glance.label")
