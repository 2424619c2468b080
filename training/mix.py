"""Average a run's weights with those it started from: what only one has memorised fades, what both
have learned stays (Wortsman et al., "Robust fine-tuning of zero-shot models", 2022)."""

from pathlib import Path

import click
import keras
import numpy as np

from model import network
from model.chip import CHIP_SIZE
from training import checkpoint, gate
from training.data import Chips
from training.markdown import table
from training.train import predict

AUTO = "auto"
SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)  # of the starting weights


def average(model: keras.Model, earlier: Path, share: float | None, choosing: Chips) -> float:
    """Give the model's weights `share` of those in the file `earlier`, or the best of `SHARES` for
    None; returns the share. Best is the lowest mean of the figures of `training.gate.compare` on
    the faces `choosing`, each as a ratio to that of `earlier`.

    Raises click.ClickException when `earlier` is for another network, and when there are too few
    faces to choose by.
    """
    own = network.arrays(model)
    checkpoint.load(model, earlier)
    old = network.arrays(model)
    if share is None:
        start, ratios = predict(model, choosing, CHIP_SIZE), []
        for one in SHARES:
            network.assign(model, mixed(own, old, one))
            compared = list(gate.compare(choosing, start, predict(model, choosing, CHIP_SIZE)))
            if not compared:
                raise click.ClickException("too few faces to choose by: set --mix-share")
            ratios.append(np.mean([figure.new / max(figure.old, 1e-6) for figure in compared]))
        share = SHARES[int(np.argmin(ratios))]
        rows = ((f"{one:.0%}", f"{ratio:.4f}") for one, ratio in zip(SHARES, ratios, strict=True))
        print(table(("share of --mix", "mean ratio to its figures"), rows))
    network.assign(model, mixed(own, old, share))
    return share


def mixed(own: checkpoint.Arrays, old: checkpoint.Arrays, share: float) -> checkpoint.Arrays:
    return {name: (1 - share) * own[name] + share * old[name] for name in own}


def share_of(ctx: click.Context, option: click.Parameter, value: str) -> float | None:
    """The value of --mix-share: a number from 0 to 1, or None for `auto`."""
    return None if value == AUTO else click.FloatRange(0, 1)(value, option, ctx)
