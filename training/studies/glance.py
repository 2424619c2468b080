"""What the glance changes: the detector with it beside the detector without.

    python -m training.studies.glance --faces FOLDER --none FOLDER

Portraits as they are, dark, tilted, with a small second face and with one that the photo's edge
cuts off; and photos without a face.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import cycle
from pathlib import Path

import click
import numpy as np
from PIL import Image, ImageEnhance

from model import photo
from model.budget import Budget
from model.engine import open_engine
from model.faces import Detection, FaceFinder
from model.probabilities import expected
from training import options
from training.markdown import table
from training.studies.detector import photos
from training.studies.roll import turned
from training.studies.sizes import cut_out, paste

HEAD = (
    "photos", "of them", "the glance saw", "faces without it", "with it", "in both", "years apart"
)  # fmt: skip
SHAPE = 1600, 1200
LARGE = 0.3, 0.55  # of the shorter side
PARTS = (30, 25, 20, 15, 10, 6)  # of the shorter side
AT_EDGE, INSIDE = 6, (0.9, 0.7, 0.5)  # one such part, and how much of its width is in the photo
DARK = (0.5, 0.25, 0.1)
TILTS = (5, 10, 15, 20, 30, 45, 90, 180)  # degrees

Photos = list[np.ndarray]


@click.command()
@click.option("--faces", type=options.FOLDER, multiple=True, required=True, help="Portraits.")
@click.option("--none", type=options.FOLDER, required=True, help="Photos without a face.")
@click.option("--photos", "count", default=200, show_default=True, help="For each row.")
def main(faces: Sequence[Path], none: Path, count: int) -> None:
    """How many faces are found, with the glance and without, and how far the ages are apart."""
    study = Study()
    cases = list(all_cases(study.finder, faces, none, count))
    with click.progressbar(
        cases, label="looking", item_show_func=lambda case: case and case[0]
    ) as bar:
        rows = [study.row(name, make()) for name, make in bar]
    print(table(HEAD, rows))


def all_cases(
    finder: FaceFinder, faces: Sequence[Path], none: Path, count: int
) -> Iterator[tuple[str, Callable[[], Photos]]]:
    """Names of the rows, and what makes their photos."""
    for folder in faces:
        yield folder.name, partial(list, photos(folder, count))
    mixed = [pixels for folder in faces for pixels in photos(folder, count // len(faces))]
    for share in DARK:
        yield f"{share:.0%} of the light", partial(each, dark, mixed, share)
    for angle in TILTS:
        yield f"{angle}° clockwise", partial(each, turned, mixed, angle)
    portraits = [c for folder in faces for c in cut_out(finder, folder, count // len(faces))]
    walls = [Image.fromarray(pixels) for pixels in photos(none, count)]
    for part in PARTS:
        yield f"with a second face, 1/{part}", partial(pairs, portraits, walls, count, part)
    for inside in INSIDE:
        some = partial(pairs, portraits, walls, count, AT_EDGE, inside)
        yield f"with {inside:.0%} of a second face, 1/{AT_EDGE}", some
    yield "without a face", partial(list, photos(none, count))


def each(change: Callable[..., np.ndarray], scenes: Photos, how: float) -> Photos:
    return [change(pixels, how) for pixels in scenes]


def dark(pixels: np.ndarray, share: float) -> np.ndarray:
    return np.asarray(ImageEnhance.Brightness(Image.fromarray(pixels)).enhance(share))


def pairs(
    portraits: Sequence[Image.Image],
    walls: Sequence[Image.Image],
    count: int,
    part: int,
    inside: float = 1.0,
) -> Photos:
    """A large portrait and a small one, whose face is one `part` of the photo's shorter side, and
    so much of its width `inside` the photo."""
    rng = np.random.default_rng(part)
    scenes = []
    for _, wall in zip(range(count), cycle(walls), strict=False):
        scene = wall.resize(SHAPE)
        large, small = (portraits[i] for i in rng.choice(len(portraits), 2, replace=False))
        paste(scene, large, (0.5, 0.66), rng.uniform(*LARGE) * min(SHAPE))
        size = min(SHAPE) / part
        x, y = rng.choice([rng.uniform(0.08, 0.2), rng.uniform(0.8, 0.92)]), rng.uniform(0.1, 0.3)
        if inside < 1:
            x = 1 + (0.5 - inside) * size / max(SHAPE)
        paste(scene, small, (x, y), size)
        buffer = io.BytesIO()
        scene.save(buffer, "JPEG", quality=92)
        scenes.append(photo.decode(buffer.getvalue()).pixels)
    return scenes


class Study:
    """The detector in both ways."""

    def __init__(self):
        self.finder, self._engine = FaceFinder(), open_engine()

    def row(self, name: str, scenes: Photos) -> tuple[str, ...]:
        seen = without = beside = both = 0
        years: list[float] = []
        for pixels in scenes:
            old = self.finder.aligned(pixels, self.finder.detector.search(pixels, Budget()))
            new = self.finder.find(pixels)
            seen += self.finder.detector.glance(pixels, Budget()) is not None
            without, beside = without + len(old), beside + len(new)
            same = list(matched(old, new))
            both += len(same)
            if same:
                ages = [
                    self._ages([face.chip for face in side]) for side in zip(*same, strict=True)
                ]
                years += abs(ages[0] - ages[1]).tolist()
        apart = f"{np.mean(years):.2f}" if years else "–"
        return (
            name,
            str(len(scenes)),
            f"{seen / len(scenes):.1%}",
            *map(str, (without, beside, both)),
            apart,
        )

    def _ages(self, chips: Sequence[np.ndarray]) -> np.ndarray:
        return expected(self._engine.run(np.stack(chips))[0])


def matched(old: list[Detection], new: list[Detection]) -> Iterator[tuple[Detection, Detection]]:
    """The faces that both found."""
    for face in old:
        left, top, width, height = face.box
        for other in new:
            x, y = other.box[0] + other.box[2] / 2, other.box[1] + other.box[3] / 2
            if left < x < left + width and top < y < top + height:
                yield face, other
                break


if __name__ == "__main__":
    main(prog_name="python -m training.studies.glance")
