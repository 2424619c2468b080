"""Search for the dearest photo that the service accepts, for each format.

First the dearest scene: in turn, its shape, the size, turn and blur of the faces and what is
around them are changed, and whatever costs most stays. Then that scene is tried in every encoding,
as large as it may be. Exit status 1 when a photo costs more than it may.
"""

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import sqrt
from time import process_time

import click
import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from deploy.testing.photos import encode, mosaic, portrait
from deploy.testing.processes import forget_peak, peak
from model import photo
from model.budget import Budget
from model.estimator import Estimator
from tests.hostile.encodings import ENCODINGS, Encoding

# What a photo may cost at most: so many portraits of a megapixel (35 ms each on an idle host with
# VNNI, where 90 are three seconds; busy hosts need room), and memory for decoding and judging it
PORTRAITS = 150
MEGABYTES = 450
AREA = 4320 * 540  # pixels of a scene, the most that the service keeps of a photo


@dataclass(frozen=True)
class Scene:
    """`aspect`: width to height; the others: see deploy.testing.photos.mosaic. `noise`: grey levels
    of the wall."""

    aspect: float = 1.5
    face_width: int = 60
    gap: int = 8
    turns: tuple[int, ...] = (0,)
    blur: float = 0
    noise: int = 0

    def draw(self) -> Image.Image:
        height = round(sqrt(AREA / self.aspect))
        wall = mosaic(
            round(AREA / height), height, self.face_width, self.gap, self.turns, self.blur
        )
        if not self.noise:
            return wall
        random = np.random.default_rng(1)
        grain = random.integers(-self.noise, self.noise + 1, (wall.height, wall.width, 1))
        return Image.fromarray((np.asarray(wall) + grain).clip(0, 255).astype(np.uint8))


CHOICES: dict[str, tuple] = {
    "aspect": (1.0, 2.0, 4.0, 8.0, 16.0),
    "face_width": (28, 35, 42, 50, 70, 120),
    "turns": ((90,), (0, 90), (0, 90, 180, 270), (30, -30), (45, 135)),
    "blur": (1, 2, 3),
    "gap": (2, 20),
    "noise": (10,),
}


@dataclass(frozen=True)
class Cost:
    """`seconds`: of CPU; `megabytes`: of memory, at the peak, more than before; `left`: faces that
    were not judged."""

    seconds: float
    megabytes: float
    faces: int
    left: int
    size: tuple[int, int] = (0, 0)
    bytes: int = 0


class Meter:
    """Measures photos in this process."""

    def __init__(self):
        self._estimator = Estimator()
        self(portrait(1000))  # the first one also loads libraries
        self.portrait = min(self(portrait(1000)).seconds for _ in range(5))

    def __call__(self, data: bytes) -> Cost:
        """Raises PhotoError when it is refused."""
        forget_peak(os.getpid())
        before, began, budget = peak(os.getpid()), process_time(), Budget(seconds=600)
        decoded = photo.decode(data)
        faces = self._estimator.estimate(decoded, budget)
        seconds = process_time() - began
        more = peak(os.getpid()) - before
        size = decoded.width, decoded.height
        return Cost(seconds, more, len(faces), budget.not_judged, size, len(data))


def dearest_scene(meter: Meter, choices: dict[str, tuple], say: Callable[[str], None]) -> Scene:
    """Coordinate ascent: two rounds through all choices."""
    best, cost = Scene(), meter(encode(Scene().draw(), quality=85))
    for _ in range(2):
        begun = best
        for name, values in choices.items():
            for scene in (replace(best, **{name: value}) for value in values):
                tried = meter(encode(scene.draw(), quality=85))
                if tried.seconds > 1.05 * cost.seconds:
                    best, cost = scene, tried
                    say(f"{cost.seconds:.2f} s, {cost.faces} + {cost.left} faces: {best}")
        if best == begun:
            break
    return best


def costs(
    meter: Meter, scene: Scene, encodings: list[Encoding], share: float = 1
) -> Iterator[tuple[Encoding, Cost | str]]:
    """The cost of the scene in each encoding, or the code of a refusal. `share`: of the pixels that
    the encoding may have."""
    drawn = scene.draw()
    for encoding in encodings:
        try:
            yield encoding, meter(largest(drawn, encoding, share))
        except photo.PhotoError as error:
            yield encoding, error.code


def largest(drawn: Image.Image, encoding: Encoding, share: float) -> bytes:
    """The picture in as many pixels as the encoding may have, or as fit into the bytes of a
    photo."""
    scale = sqrt(share * encoding.pixels / (drawn.width * drawn.height))
    # nearest: a sharp edge every few pixels, which takes more bytes
    size = int(drawn.width * scale), int(drawn.height * scale)
    data = encoding.encode(drawn.resize(size, Image.Resampling.NEAREST))
    return data if len(data) <= photo.MAX_BYTES else largest(drawn, encoding, 0.7 * share)


def violations(cost: Cost, portrait: float) -> list[str]:
    found = []
    if cost.seconds > PORTRAITS * portrait:
        found.append(f"more than {PORTRAITS} portraits of {portrait:.3f} s")
    if cost.megabytes > MEGABYTES:
        found.append(f"more than {MEGABYTES} MB")
    return found


@click.command(help=__doc__)
@click.option("--quick", is_flag=True, help="Take the dearest scene that is known.")
def main(quick: bool) -> None:
    console = Console(soft_wrap=True)
    meter = Meter()
    scene = KNOWN if quick else dearest_scene(meter, CHOICES, console.print)
    found = []
    for encoding, cost in costs(meter, scene, ENCODINGS):
        text = cost if isinstance(cost, str) else f"{cost.seconds:.2f} s"
        console.print(f"{encoding.format}, {encoding.name}: {text}")
        if isinstance(cost, Cost):
            found.append((encoding, cost))
    console.print(f"{scene}\na portrait: {meter.portrait:.3f} s")
    console.print(table(found))
    wrong = [(e, said) for e, cost in found for said in violations(cost, meter.portrait)]
    for encoding, said in wrong:
        console.print(f"[red]{encoding.format}, {encoding.name}: {said}")
    sys.exit(bool(wrong))


KNOWN = Scene(aspect=8, face_width=42, blur=2)


def table(found: list[tuple[Encoding, Cost]]) -> Table:
    """The dearest of each format."""
    shown = Table(
        "format", "dearest encoding", "pixels", "MB", "faces", "not judged", "CPU, s", "memory, MB"
    )
    for format in dict.fromkeys(encoding.format for encoding, _ in found):
        of_format = [each for each in found if each[0].format == format]
        encoding, cost = max(of_format, key=lambda each: each[1].seconds)
        most = max(cost.megabytes for _, cost in of_format)
        shown.add_row(
            format, encoding.name, "{} x {}".format(*cost.size), f"{cost.bytes / 1e6:.1f}",
            str(cost.faces), str(cost.left), f"{cost.seconds:.2f}", f"{most:.0f}",
        )  # fmt: skip
    return shown


if __name__ == "__main__":
    main(prog_name="python -m tests.hostile.dearest")
