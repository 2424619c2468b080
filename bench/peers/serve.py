"""A peer's process: reads paths of photos, one per line; writes its faces and time as JSON."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from model import photo

SIDE = 640  # pixels of the photo's longer side for HOG and Haar


def serve(estimate: Callable[[bytes], list[dict]]) -> None:
    """Answer every line of standard input with a line of JSON, `{seconds, cpu, faces}`.

    `estimate`: bytes of a photo -> `{area, age, female}` for each face; only it is timed.
    """
    answers, sys.stdout = sys.stdout, sys.stderr  # for the libraries' prints
    for line in sys.stdin:
        data = Path(line.rstrip("\n")).read_bytes()
        started, worked = time.perf_counter(), time.process_time()
        faces = estimate(data)
        seconds, cpu = time.perf_counter() - started, time.process_time() - worked
        print(
            json.dumps({"seconds": seconds, "cpu": cpu, "faces": faces}), file=answers, flush=True
        )


def searched(data: bytes) -> photo.Image.Image:
    """The photo, decoded by ours (large JPEGs at a reduced scale) and resized to `SIDE` pixels: the
    time of these detectors grows with the photo, and they miss faces under 80 pixels."""
    image = photo.Image.fromarray(photo.decode(data).pixels)
    scale = SIDE / max(image.size)
    return image.resize((round(image.width * scale), round(image.height * scale)), reducing_gap=2.0)
