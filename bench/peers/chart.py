"""Speed against error, a mark for each peer."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.ticker import ScalarFormatter

from bench.peers.roster import OURS
from bench.peers.tables import NEAR

# the colour-blind safe palette of Okabe and Ito; the shapes differ as well
BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#666666"


def draw(found: dict, path: Path, photo: str) -> None:
    """x: milliseconds for `photo`; y: the error, so that the lower left is best. A peer without
    accuracy is a vertical line."""
    figure, axes = plt.subplots(figsize=(7.5, 4.5), layout="constrained")
    accuracy = found["accuracy"]
    for name, times in found["speed"].items():
        x = times[photo]["cpu"]
        if name not in accuracy:
            axes.axvline(x, color=GREY, linestyle=":")
            axes.annotate(
                f"{name}\n(error not measured)", (x, 1), xycoords=("data", "axes fraction"),
                xytext=(-6, -8), textcoords="offset points", ha="right", va="top", color=GREY,
            )  # fmt: skip
            continue
        y, is_ours = accuracy[name]["all"]["common_mae"], name == OURS.name
        axes.plot(x, y, "o" if is_ours else "s", color=ORANGE if is_ours else BLUE, markersize=10)
        axes.annotate(
            f"{name}\n{x:.0f} ms, {y:.1f} years", (x, y), xytext=(9, 0),
            textcoords="offset points", va="center", weight="bold" if is_ours else "normal",
        )  # fmt: skip
    ours = accuracy[OURS.name]["all"]
    axes.axhspan(0, ours["common_mae"] + NEAR, color=ORANGE, alpha=0.08)
    axes.set(xscale="log", xlabel=f"milliseconds of CPU time on one core, {photo} (log scale)")
    axes.set_ylabel("mean error, years")
    slowest = max(times[photo]["cpu"] for times in found["speed"].values())
    axes.set_xlim(found["speed"][OURS.name][photo]["cpu"] / 1.4, slowest * 1.4)
    axes.set_ylim(0, 1.25 * max(groups["all"]["common_mae"] for groups in accuracy.values()))
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.set_xticks([50, 100, 200, 500, 1000])
    axes.minorticks_off()
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(
        f"{ours['common']} faces found by all, not in our training; "
        f"shaded: within {NEAR} years of ours",
        fontsize=10,
        loc="left",
    )
    figure.savefig(path, dpi=130)
    plt.close(figure)
