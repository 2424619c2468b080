"""A peer's own process: names of photos come in, one a line; what it saw and how long goes out."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from model import photo

SIDE = 640  # pixels of the photo's longer side that HOG and Haar search


def serve(estimate: Callable[[bytes], list[dict]]) -> None:
    """Answer every line of standard input with a line of JSON, `{seconds, cpu, faces}`.

    `estimate`: bytes of a photo -> a `{area, age, female}` for each face; alone in the time.
    """
    answers, sys.stdout = sys.stdout, sys.stderr  # what the libraries print is no answer
    for line in sys.stdin:
        data = Path(line.rstrip("\n")).read_bytes()
        started, worked = time.perf_counter(), time.process_time()
        faces = estimate(data)
        seconds, cpu = time.perf_counter() - started, time.process_time() - worked
        print(
            json.dumps({"seconds": seconds, "cpu": cpu, "faces": faces}), file=answers, flush=True
        )


def searched(data: bytes) -> photo.Image.Image:
    """The photo by our decoder, which reads large JPEGs at a smaller scale, `SIDE` pixels long:
    these detectors' time grows with the photo, and faces under 80 pixels escape them."""
    image = photo.Image.fromarray(photo.decode(data).pixels)
    scale = SIDE / max(image.size)
    return image.resize((round(image.width * scale), round(image.height * scale)), reducing_gap=2.0)
