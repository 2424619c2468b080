"""May new weights replace the shipped ones? Compared on the same photos, with the error of the
difference: two weights judge most faces alike, so it is far smaller than the error of a figure."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from model.probabilities import expected
from training import confidence
from training.calibrate import COVERAGE, covered
from training.data import Chips
from training.measures import BANDS, off_label, right

Answers = tuple[np.ndarray, np.ndarray]  # of `training.evaluate.predict`: (n, 101), (n,)

MAX_LOSS_YEARS = 0.05  # of int8
MAX_LOST = 2  # genders that int8 may lose of any number of faces
ERRORS = 2.0  # standard errors; at one, chance would refuse one figure in six
ENOUGH = 20  # faces; fewer are not compared
MAX_MISS = 0.02  # of the ranges' coverage and of the gender's confidence
COLUMNS = ("data set", "figure", "faces", "shipped", "new", "worse by", "standard error")


@dataclass(frozen=True)
class Comparison:
    """One figure, smaller is better, of the shipped weights and of the new ones; `error`: the
    standard error of their difference."""

    source: str
    figure: str
    faces: int
    old: float
    new: float
    error: float

    @property
    def refused(self) -> bool:
        return self.new - self.old > ERRORS * self.error

    def row(self) -> tuple[str, ...]:
        """The cells under `COLUMNS`."""
        numbers = f"{self.old:.3f}", f"{self.new:.3f}", f"{self.new - self.old:+.3f}"
        return self.source, self.figure, str(self.faces), *numbers, f"{self.error:.3f}"


def rounding(chips: Chips, exact: Answers, graph: Answers) -> Iterator[str]:
    """Why the int8 graph may not stand for the float32 one."""
    before, after = (off_label(chips, ages)[chips.exact] for ages, _ in (exact, graph))
    years = (after - before).mean() if len(after) else 0.0
    if years > MAX_LOSS_YEARS:
        yield f"int8 costs {years:.3f} years of MAE"
    known = known_genders(chips)
    lost = right(chips, exact[1])[known].astype(int) - right(chips, graph[1])[known]
    if lost.sum() > max(MAX_LOST, ERRORS * np.sqrt(np.abs(lost).sum())):
        yield f"int8 costs {lost.sum()} right genders of {len(lost)}"


def calibration(chips: Chips, answers: Answers, age_range: dict) -> Iterator[str]:
    """Why the age range and the gender's confidence do not mean what they say, on photos that they
    were not fitted on."""
    ages, female = answers
    if (faces := chips.exact.sum()) >= ENOUGH:
        held, _ = covered(ages, chips.ages, age_range)
        # by chance; twice the variance, because they were fitted on as few faces
        miss = ERRORS * np.sqrt(2 * COVERAGE * (1 - COVERAGE) / faces)
        if held.mean() < COVERAGE - max(MAX_MISS, miss):
            yield f"{COVERAGE:.0%} ranges hold {held.mean():.1%} of the labels"
    known = known_genders(chips)
    if known.sum() >= ENOUGH:
        error = confidence.calibration_error(chips.gender[:, 0], female)
        if error > max(MAX_MISS, confidence.chance_error(female[known])):
            yield f"gender's confidence is off by {error:.1%}"


def compare(chips: Chips, old: Answers, new: Answers) -> Iterator[Comparison]:
    """Years off the label and share of wrong genders, by data set, and the mean over decades of the
    absolute bias; each where there are enough faces."""
    known = known_genders(chips)
    off = [off_label(chips, ages) for ages, _ in (old, new)]
    wrong = [~right(chips, female) for _, female in (old, new)]
    for source in np.unique(chips.source):
        own = chips.source == source
        for figure, pick, (a, b) in (
            ("years off the label", own, off),
            ("wrong genders", own & known, wrong),
        ):
            if (faces := int(pick.sum())) >= ENOUGH:
                change = b[pick].astype(float) - a[pick]
                error = change.std(ddof=1) / np.sqrt(faces)
                yield Comparison(str(source), figure, faces, a[pick].mean(), b[pick].mean(), error)
    yield from compare_bias(chips, old[0], new[0])


def compare_bias(chips: Chips, old: np.ndarray, new: np.ndarray) -> Iterator[Comparison]:
    """The mean of the absolute bias over each data set's decades with enough faces."""
    low = chips.ages[:, 0]
    error = [expected(ages) - low for ages in (old, new)]
    biases, variance, faces = [], 0.0, 0
    for source in np.unique(chips.source):
        for first, last in BANDS:
            pick = chips.exact & (chips.source == source) & (first <= low) & (low <= last)
            if (count := int(pick.sum())) >= ENOUGH:
                means = [one[pick].mean() for one in error]
                # |mean| changes with each error in the direction of the mean's sign
                a, b = (np.sign(mean) * one[pick] for mean, one in zip(means, error, strict=True))
                variance += (b - a).var(ddof=1) / count
                biases.append(np.abs(means))
                faces += count
    if biases:
        before, after = np.mean(biases, axis=0)
        yield Comparison("all", "bias by decade", faces, before, after, variance**0.5 / len(biases))


def known_genders(chips: Chips) -> np.ndarray:
    return chips.gender[:, 0] >= 0


def regressions(comparisons: list[Comparison]) -> Iterator[str]:
    """Why the shipped weights are better."""
    if not comparisons:
        yield f"no data set has {ENOUGH} faces to compare with the shipped weights"
    for one in comparisons:
        if one.refused:
            yield (
                f"{one.source}: {one.figure} {one.new:.3f}, shipped {one.old:.3f} "
                f"(standard error {one.error:.3f})"
            )
