"""Where the time of each photo goes, a bar a photo: drawn from a saved report.

python -m bench.picture REPORT.json PICTURE.png
"""

import argparse
import json
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt

from bench.stages import ORDER

# Okabe and Ito's colours, which the colour-blind can tell apart
COLOURS = ("#999999", "#56B4E9", "#E69F00", "#009E73", "#D55E00", "#000000")


def draw(report: Path, picture: Path) -> None:
    """Raises StopIteration for a report without stages."""
    tables = json.loads(report.read_text())["tables"]
    rows = next(table["rows"] for table in tables if table["title"] == "Stages, median ms")
    names = [row["photo"] for row in rows]
    figure, axes = plt.subplots(figsize=(7.5, 3.6), layout="constrained")
    lefts = [0.0] * len(rows)
    for stage, colour in zip(ORDER, COLOURS, strict=True):
        widths = [row[stage] for row in rows]
        axes.barh(names, widths, left=lefts, color=colour, label=stage, height=0.7)
        lefts = [left + width for left, width in zip(lefts, widths, strict=True)]
    for name, end, row in zip(names, lefts, rows, strict=True):
        axes.annotate(
            f"{row['whole']:.0f} ms", (end, name), xytext=(4, 0),
            textcoords="offset points", va="center",
        )  # fmt: skip
    axes.invert_yaxis()
    axes.margins(x=0.1)
    axes.set_xlabel("median milliseconds on one core")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(ncols=len(ORDER), loc="lower center", bbox_to_anchor=(0.5, 1), frameon=False)
    figure.savefig(picture, dpi=130)
    plt.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("report", type=Path)
    parser.add_argument("picture", type=Path)
    chosen = parser.parse_args()
    draw(chosen.report, chosen.picture)


if __name__ == "__main__":
    main()
