"""The evaluation in six plots."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # no screen needed
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from model.probabilities import expected, is_female
from training import confidence
from training.calibrate import COVERAGE
from training.data import Chips
from training.measures import BANDS, GENDERS

NAMES = [f"{low}–{high}" for low, high in BANDS]
LINE, BAR = "#c33", "#7fa7c9"


def draw(path: Path, chips: Chips, ages: np.ndarray, female: np.ndarray, held: np.ndarray) -> None:
    """Write them into one PNG. `ages`: (n, 101) probabilities of each year, `female`: (n,); `held`:
    (m,) bool, whether the label is in the range, for the m labels that name a year."""
    figure, axes = plt.subplots(2, 3, figsize=(16, 8.5), layout="constrained")
    known = chips.exact
    truth, age, source = chips.ages[known, 0], expected(ages)[known], chips.source[known]
    draw_errors(axes[0, 0], truth, age, source)
    draw_scatter(axes[0, 1], truth, age)
    draw_bias(axes[0, 2], truth, age)
    draw_gender(axes[1, 0], chips.gender[:, 0], female)
    draw_confidence(axes[1, 1], chips.gender[:, 0], female)
    draw_coverage(axes[1, 2], truth, held)
    figure.savefig(path, dpi=100)
    plt.close(figure)


def by_band(values: np.ndarray, years: np.ndarray) -> list[float]:
    """The mean of `values`, (n,), in each of `BANDS` of `years`, (n,); 0 in empty bands."""
    picks = ((low <= years) & (years < high + 1) for low, high in BANDS)
    return [values[pick].mean() if pick.any() else 0 for pick in picks]


def draw_errors(axes: Axes, truth: np.ndarray, age: np.ndarray, source: np.ndarray) -> None:
    sources = np.unique(source)
    for i, one in enumerate(sources):
        own = source == one
        heights = by_band(np.abs(age - truth)[own], truth[own])
        places = np.arange(len(BANDS)) + (i - (len(sources) - 1) / 2) * 0.8 / len(sources)
        axes.bar(places, heights, 0.8 / len(sources), label=one)
    axes.set(title="Mean absolute error by age", xlabel="label, years", ylabel="years")
    axes.set_xticks(range(len(BANDS)), NAMES)
    axes.legend(frameon=False)


def draw_scatter(axes: Axes, truth: np.ndarray, age: np.ndarray) -> None:
    axes.hexbin(
        truth, age, gridsize=50, bins="log", mincnt=1, cmap="Blues", extent=(0, 100, 0, 100)
    )
    axes.plot([0, 100], [0, 100], color=LINE, linewidth=1)
    axes.set(title="Estimate against label", xlabel="label, years", ylabel="estimate, years")


def draw_bias(axes: Axes, truth: np.ndarray, age: np.ndarray) -> None:
    """By the estimate, because that is what a caller knows; by the label, every uncertain network
    is biased to the middle."""
    axes.bar(range(len(BANDS)), by_band(age - truth, age), 0.7, color=BAR)
    axes.axhline(0, color=LINE, linewidth=1)
    axes.set(
        title="Bias: estimate minus label", xlabel="estimate, years", ylabel="years", ylim=(-5, 5)
    )
    axes.set_xticks(range(len(BANDS)), NAMES)


def draw_gender(axes: Axes, truth: np.ndarray, female: np.ndarray) -> None:
    confusion = np.array(
        [[((truth == t) & (is_female(female) == e)).sum() for e in (0, 1)] for t in (0, 1)]
    )
    axes.imshow(confusion, cmap="Blues")
    for (row, column), count in np.ndenumerate(confusion):
        share = count / max(1, confusion[row].sum())
        colour = "white" if share > 0.5 else "black"
        axes.text(column, row, f"{count}\n{share:.1%}", ha="center", va="center", color=colour)
    axes.set(title="Gender", xlabel="estimate", ylabel="label")
    axes.set_xticks((0, 1), GENDERS)
    axes.set_yticks((0, 1), GENDERS)


def draw_confidence(axes: Axes, truth: np.ndarray, female: np.ndarray) -> None:
    found = np.array(list(confidence.rows(truth, female))).reshape(-1, 3)
    axes.plot([50, 100], [50, 100], color=LINE, linewidth=1)
    axes.plot(100 * found[:, 0], 100 * found[:, 1], "o-", color=BAR)
    axes.set(title="Gender: confidence", xlabel="confidence, %", ylabel="right, %", ylim=(45, 101))


def draw_coverage(axes: Axes, truth: np.ndarray, held: np.ndarray) -> None:
    axes.bar(range(len(BANDS)), by_band(100 * held, truth), 0.7, color=BAR)
    axes.axhline(100 * COVERAGE, color=LINE, linewidth=1)
    axes.set(title="Labels inside the age range", xlabel="label, years", ylabel="%", ylim=(0, 100))
    axes.set_xticks(range(len(BANDS)), NAMES)
