"""The prepared chips and their table, as arrays and as batches."""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from itertools import islice
from pathlib import Path

import click
import numpy as np
from PIL import Image

from model.chip import CHIP_SIZE
from model.probabilities import YEARS
from model.quality import Quality
from training import splits
from training.augment import augment

HALVES = ("choosing", "reporting")
BAND = 5  # years
AHEAD = 4  # batches prepared while the network trains on one


@dataclass(frozen=True)
class Chips:
    """Row by row: `places` (n, 2), shard and row of the chip; `ages` (n, 2) float32, the first
    and the last year that the label allows; `gender` (n, 1) float32, 0 male, 1 female, -1
    unknown; `source`, `name` and `race` (n,) in the data sets' own words; `person` (n,), see
    training.datasets; `quality` a dict of (n,) float32, see model.quality.
    """

    shards: Sequence[np.ndarray]
    places: np.ndarray
    ages: np.ndarray
    gender: np.ndarray
    source: np.ndarray
    name: np.ndarray
    race: np.ndarray
    person: np.ndarray
    quality: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.places)

    @property
    def exact(self) -> np.ndarray:
        """Whether each label names a year, (n,) bool."""
        return self.ages[:, 0] == self.ages[:, 1]

    @property
    def chooses(self) -> np.ndarray:
        """Whether each validation face is in the choosing half, (n,) bool, see training.splits."""
        return np.array([splits.chooses(person) for person in self.person], bool)

    def subset(self, picks: np.ndarray) -> "Chips":
        """Only the chips at `picks`."""
        rows = {
            name: getattr(self, name)[picks]
            for name in ("places", "ages", "gender", "source", "name", "race", "person")
        }
        quality = {name: values[picks] for name, values in self.quality.items()}
        return replace(self, **rows, quality=quality)

    def batch(self, picks: np.ndarray) -> np.ndarray:
        """The chips at `picks`, (n, CHIP_SIZE, CHIP_SIZE, 3) uint8."""
        return np.stack([self.shards[shard][row] for shard, row in self.places[picks]])


def load(folder: Path, split: str, any_size: bool = False) -> Chips:
    """The chips of one split: `train`, `validation`, or a half of it, `choosing` or `reporting`.
    The pixels stay on disk until used. `any_size`: also those that other code cut.

    Raises click.ClickException when the folder has no chips of that split, or of another size.
    """
    side = "train" if split == "train" else "validation"
    try:
        with (folder / "table.csv").open(
            newline="", encoding="utf-8", errors="surrogateescape"
        ) as file:
            table = [row for row in csv.DictReader(file) if row["split"] == side]
        chips = from_table(table, folder)
    except (OSError, ValueError, KeyError) as error:
        raise click.ClickException(
            f"no readable chips in {folder}: run `prepare` first ({error})"
        ) from error
    if split in HALVES:
        chips = chips.subset(np.flatnonzero(chips.chooses == (split == "choosing")))
    if not len(chips):
        raise click.ClickException(f"no {split} photos in {folder}: it takes more photos")
    size = chips.shards[0].shape[1]
    if size != CHIP_SIZE and not any_size:
        raise click.ClickException(
            f"the chips in {folder} have {size} pixels, today's {CHIP_SIZE}: run `prepare` again"
        )
    return chips


def from_table(table: Sequence[dict[str, str]], folder: Path) -> Chips:
    """The chips that the rows of `table.csv` in `folder` name."""
    names = sorted({row["shard"] for row in table})
    number = {name: i for i, name in enumerate(names)}
    return Chips(
        shards=[np.load(folder / "shards" / f"{name}.npy", mmap_mode="r") for name in names],
        places=np.array([(number[row["shard"]], int(row["row"])) for row in table], int),
        ages=np.array([(row["age_low"], row["age_high"]) for row in table], np.float32),
        gender=np.array([[row["gender"] or -1] for row in table], np.float32),
        source=np.array([row["source"] for row in table]),
        name=np.array([row["name"] for row in table]),
        race=np.array([row["race"] for row in table]),
        person=np.array([row["identity"] or f"{row['source']}/{row['name']}" for row in table]),
        quality={
            # nan, which earns no note, in tables from before a measure existed
            field.name: np.array([row.get(field.name) or "nan" for row in table], np.float32)
            for field in fields(Quality)
        },
    )


def in_both(chips: Chips, others: Chips) -> tuple[np.ndarray, np.ndarray]:
    """The places in each of the photos that are in both, in the same order."""
    mine, theirs = (np.char.add(np.char.add(c.source, "/"), c.name) for c in (chips, others))
    _, here, there = np.intersect1d(mine, theirs, return_indices=True)
    return here, there


def checksum(chips: Chips) -> str:
    """SHA-256 of the photos' names and labels, in their order."""
    columns = chips.source, chips.name, chips.ages, chips.gender
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def draw_weights(ages: np.ndarray, most: float) -> np.ndarray:
    """How often each face is drawn for one of the commonest age, (n,), from 1 to `most`: by the
    inverse frequency of its five-year band. `ages`: (n, 2), the first and the last year of the
    label; a range counts in equal parts for each of its years."""
    years = np.arange(len(YEARS))
    low, high = ages[:, :1], ages[:, 1:]
    share = ((low <= years) & (years <= high)) / (high - low + 1)
    counts = np.add.reduceat(share.sum(axis=0), range(0, len(years), BAND))
    weight = np.minimum(counts.max() / np.maximum(counts, 1), most)
    return share @ weight[years // BAND]


def draw(weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """n of n faces in random order, each as often as its weight, (n,), asks for, rounded up or down
    (systematic resampling)."""
    ends = np.cumsum(weights, dtype=np.float64)  # in float32 the sum of 60,000 is off by faces
    ends *= len(weights) / ends[-1]
    # rounded, the last end may lie before the last point
    return rng.permutation(np.searchsorted(ends[:-1], np.arange(len(weights)) + rng.random()))


def batches(
    chips: Chips,
    size: int,
    sides: Sequence[int],
    seed: Sequence[int],
    start: int,
    strength: float = 1.0,
    flatness: float = 1.0,
    answers: dict[str, np.ndarray] | None = None,
) -> Iterator[tuple]:
    """Augmented training batches of the steps from `start` on: `size` chips and {age, gender}
    each. `sides`: of the chips at every step, in pixels; `strength`: see training.augment;
    `flatness`: see `draw_weights`, 1 draws each face once an epoch; `answers`: of a teacher,
    appended to the labels, see training.distil.

    A batch depends only on `seed` and its step, so a resumed run sees the same batches.
    """
    per_epoch = len(chips) // size
    weights = draw_weights(chips.ages, flatness)

    def make(step: int) -> tuple:
        epoch, place = divmod(step, per_epoch)
        order = draw(weights, np.random.default_rng([*seed, epoch]))
        picks = np.sort(order[place * size : (place + 1) * size])
        rng = np.random.default_rng([*seed, epoch, step])
        pixels = np.stack(
            [augment(chip, rng, sides[step], strength) for chip in chips.batch(picks)]
        )
        labels = {"age": chips.ages[picks], "gender": chips.gender[picks]}
        if answers:
            labels = {name: np.hstack([labels[name], answers[name][picks]]) for name in labels}
        return pixels, labels

    with ThreadPoolExecutor() as pool:
        steps = iter(range(start, len(sides)))
        waiting = [pool.submit(make, step) for step in islice(steps, AHEAD)]
        while waiting:
            yield waiting.pop(0).result()
            waiting += [pool.submit(make, step) for step in islice(steps, 1)]


def resized(chips: np.ndarray, side: int) -> np.ndarray:
    """(n, CHIP_SIZE, CHIP_SIZE, 3) uint8 -> (n, side, side, 3) uint8."""
    if side == chips.shape[1]:
        return chips
    return np.stack([np.asarray(Image.fromarray(chip).resize((side, side))) for chip in chips])
