"""How many photos get a face, and how fast: CenterFace compared with dlib's HOG detector.

    python -m training.studies.detector FOLDER [FOLDER ...]

For folders of photos without a face, the share is that of false detections.
"""

import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import click
import dlib
import numpy as np
from PIL import Image

from model import photo
from model.detector import Detector
from training import options
from training.markdown import table

HOG_SIDE = 640  # pixels of the longer side


@click.command()
@click.argument("folders", type=options.FOLDER, nargs=-1, required=True)
@click.option("--photos", "limit", default=500, show_default=True, help="At most, per folder.")
def main(folders: tuple[Path, ...], limit: int) -> None:
    """Share of photos with a face, and time, of CenterFace and of dlib's HOG detector."""
    hog = dlib.get_frontal_face_detector()
    detectors = {"CenterFace": Detector().find, "HOG": lambda pixels: hog(large(pixels))}
    rows = []
    for folder in folders:
        found, times = defaultdict(list), defaultdict(list)
        for pixels in photos(folder, limit):
            for name, detect in detectors.items():
                start = time.perf_counter()
                found[name].append(len(detect(pixels)) > 0)
                times[name].append((time.perf_counter() - start) * 1000)
        for name, ms in times.items():
            share = f"{statistics.mean(found[name]):.2%}"
            rows.append((folder.name, str(len(ms)), name, share, f"{statistics.median(ms):.0f}"))
    print(table(("folder", "photos", "detector", "with a face", "median ms"), rows))


def photos(folder: Path, limit: int) -> Iterator[np.ndarray]:
    """The readable ones, (h, w, 3) uint8 RGB."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    for path in paths[:: max(1, len(paths) // limit)][:limit]:
        try:
            yield photo.decode(path.read_bytes()).pixels
        except photo.PhotoError:
            continue


def large(pixels: np.ndarray) -> np.ndarray:
    """The photo at the size that HOG searches."""
    scale = HOG_SIDE / max(pixels.shape)
    height, width = (round(side * scale) for side in pixels.shape[:2])
    return np.asarray(Image.fromarray(pixels).resize((width, height)))


if __name__ == "__main__":
    main(prog_name="python -m training.studies.detector")
