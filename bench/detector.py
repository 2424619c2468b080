"""Which share of photos gets a face: ours beside dlib's HOG detector, and what each costs.

    python -m bench.detector FOLDER [FOLDER ...]

Name folders of portraits, and folders of photos without a face: for those the share is the
share of false faces.
"""

import argparse
import statistics
import time
from pathlib import Path

import dlib
import numpy as np
from PIL import Image

from model import photo
from model.faces import FaceFinder

HOG_SIDE = 640  # pixels of the longer side


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.detector", description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--most", type=int, default=500, help="photos a folder, %(default)s")
    args = parser.parse_args()
    finder, hog = FaceFinder(), dlib.get_frontal_face_detector()
    searches = {"ours": finder.boxes, "HOG": lambda pixels: hog(large(pixels))}
    print("| folder | photos | detector | with a face | median ms |\n|---|---|---|---|---|")
    for folder in args.folders:
        photos = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        photos = photos[:: max(1, len(photos) // args.most)][: args.most]
        found, times = dict.fromkeys(searches, 0), {name: [] for name in searches}
        count = 0
        for path in photos:
            try:
                pixels = photo.decode(path.read_bytes()).pixels
            except photo.PhotoError:
                continue
            count += 1
            for name, search in searches.items():
                start = time.perf_counter()
                found[name] += bool(len(search(pixels)))
                times[name].append((time.perf_counter() - start) * 1000)
        for name in searches:
            share, ms = found[name] / count, statistics.median(times[name])
            print(f"| {folder.name} | {count} | {name} | {share:.2%} | {ms:.0f} |", flush=True)


def large(pixels: np.ndarray) -> np.ndarray:
    scale = HOG_SIDE / max(pixels.shape)
    size = (round(pixels.shape[1] * scale), round(pixels.shape[0] * scale))
    return np.asarray(Image.fromarray(pixels).resize(size))


if __name__ == "__main__":
    main()
