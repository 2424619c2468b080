"""Draw the stages of a saved report (report.json) as an image: a bar for each photo."""

import json
from pathlib import Path

import click
import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt

from bench.pipeline import MEDIANS, ORDER

# the colour-blind safe palette of Okabe and Ito
COLOURS = ("#999999", "#56B4E9", "#E69F00", "#009E73", "#D55E00", "#000000")


def draw(report: Path, image: Path) -> None:
    """Raises StopIteration when the report does not contain the pipeline's stages."""
    tables = json.loads(report.read_text())["tables"]
    rows = next(table["rows"] for table in tables if table["title"] == MEDIANS)
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
    figure.savefig(image, dpi=130)
    plt.close(figure)


@click.command(help=__doc__)
@click.argument("report", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("image", type=click.Path(path_type=Path))
def main(report: Path, image: Path) -> None:
    draw(report, image)


if __name__ == "__main__":
    main()
