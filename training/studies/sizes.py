"""Which faces are found, by their size and the photo's shape, and in what time.

    python -m training.studies.sizes --faces FOLDER --none FOLDER

Pastes six small portraits onto a photo without a face, and then a large one beside them.
"""

import io
import statistics
import time
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import click
import numpy as np
from PIL import Image

from model import photo
from model.faces import Detection, FaceFinder
from training import options
from training.markdown import table
from training.studies.detector import photos

HEAD = ("photo", "face", "of the shorter side", "alone", "ms", "beside a large one", "ms")
SHAPES = ((2000, 1500), (1080, 1920), (1080, 2400), (3000, 1000), (6000, 1000))
PARTS = (30, 25, 20, 15, 10)  # of the shorter side
SMALL_FACES = 6
LARGE = 0.3  # of the shorter side
AROUND = 1.6  # what is pasted, relative to the face

Centre = tuple[float, float]


@click.command()
@click.option("--faces", type=options.FOLDER, required=True, help="Portraits of one face.")
@click.option("--none", type=options.FOLDER, required=True, help="Photos without a face.")
@click.option("--photos", "count", default=8, show_default=True, help="For each row.")
def main(faces: Path, none: Path, count: int) -> None:
    """Share of the faces found, and time, by size and shape, alone and beside a large face."""
    finder = FaceFinder()
    portraits = list(cut_out(finder, faces, count * (SMALL_FACES + 1)))
    backgrounds = [Image.fromarray(pixels) for pixels in photos(none, count)]
    with click.progressbar(list(product(SHAPES, PARTS)), label="looking") as cases:
        rows = [row(finder, portraits, backgrounds, *case) for case in cases]
    print(table(HEAD, rows))


def cut_out(finder: FaceFinder, folder: Path, count: int) -> Iterator[Image.Image]:
    """Portraits, cut around their one face."""
    for pixels in photos(folder, count):
        faces = finder.find(pixels)
        if len(faces) == 1 and not faces[0].beyond:
            (x, y), half = centre(faces[0]), AROUND / 2 * np.array(faces[0].box[2:])
            area = (x - half[0], y - half[1], x + half[0], y + half[1])
            yield Image.fromarray(pixels).crop(tuple(map(round, area)))


def row(
    finder: FaceFinder, portraits: Sequence[Image.Image], backgrounds: Sequence[Image.Image],
    shape: tuple[int, int], part: int,
) -> tuple[str, ...]:  # fmt: skip
    pixels = min(shape) / part
    found: dict[bool, list[bool]] = {False: [], True: []}
    spent: dict[bool, list[float]] = {False: [], True: []}
    for place, background in enumerate(backgrounds):
        faces = [portraits[(place * SMALL_FACES + i) % len(portraits)] for i in range(SMALL_FACES)]
        scene = background.resize(shape)
        slots = [((i + 0.5) / SMALL_FACES, 0.15) for i in range(SMALL_FACES)]
        centres = [paste(scene, *pair, pixels) for pair in zip(faces, slots, strict=True)]
        for beside in (False, True):
            if beside:
                paste(scene, portraits[-1 - place], (0.5, 0.68), LARGE * min(shape))
            decoded = photo.decode(jpeg(scene))
            started = time.perf_counter()
            seen = finder.find(decoded.pixels)
            spent[beside].append((time.perf_counter() - started) * 1000)
            places = np.array([centre(face) for face in seen]).reshape(-1, 2) * decoded.scale
            found[beside] += [
                bool((abs(places - c).max(axis=1) < pixels / 2).any()) for c in centres
            ]
    shares = [f"{np.mean(found[beside]):.1%}" for beside in (False, True)]
    times = [f"{statistics.median(spent[beside]):.0f}" for beside in (False, True)]
    size = f"{shape[0]} x {shape[1]}", f"{pixels:.0f} px", f"1/{part}"
    return *size, shares[0], times[0], shares[1], times[1]


def paste(
    scene: Image.Image, face: Image.Image, slot: tuple[float, float], pixels: float
) -> Centre:
    """Paste a portrait whose face is so many `pixels` wide. `slot`: where its centre is, in shares
    of the scene's longer and shorter side. Returns the centre in pixels."""
    x, y = slot if scene.width >= scene.height else slot[::-1]
    small = face.resize([round(side * pixels * AROUND / face.width) for side in face.size])
    left, top = round(x * scene.width - small.width / 2), round(y * scene.height - small.height / 2)
    scene.paste(small, (left, top))
    return left + small.width / 2, top + small.height / 2


def centre(face: Detection) -> Centre:
    left, top, width, height = face.box
    return left + width / 2, top + height / 2


def jpeg(scene: Image.Image) -> bytes:
    buffer = io.BytesIO()
    scene.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


if __name__ == "__main__":
    main(prog_name="python -m training.studies.sizes")
