"""Milliseconds a photo: the peers take turns on one core, so noise is the same for all."""

import statistics
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import track

from bench.peers.running import Running

A_TURN = 3  # photos in a row that count, after one that only warms the caches again


def turns(
    running: Sequence[Running], photos: dict[str, Path], rounds: int
) -> dict[str, dict[str, list[list[tuple[float, float]]]]]:
    """`{peer: {photo: rounds of (seconds, seconds of work)}}`."""
    found: dict = {peer.peer.name: {name: [] for name in photos} for peer in running}
    for _ in track(range(rounds), "speed", console=Console(stderr=True)):
        for peer in running:
            for name, path in photos.items():
                answers = [peer.ask(path) for _ in range(1 + A_TURN)][1:]
                found[peer.peer.name][name].append([answer[:2] for answer in answers])
    return found


def figures(rounds: Sequence[Sequence[tuple[float, float]]]) -> dict[str, float]:
    """Milliseconds: `median` and `p99` as a clock sees them, `cpu` the median of work alone."""
    seconds, cpu = zip(*(answer for turn in rounds for answer in turn), strict=True)
    return {
        "median": round(statistics.median(seconds) * 1000, 1),
        "p99": round(statistics.quantiles(seconds, n=100, method="inclusive")[98] * 1000, 1),
        "cpu": round(statistics.median(cpu) * 1000, 1),
    }


def ratio(theirs: Sequence[Sequence], ours: Sequence[Sequence]) -> float:
    """How many times more work they are: the median over rounds, each against ours in it. Work,
    since a clock also counts what other programs do on the core."""

    def typical(turn: Sequence[tuple[float, float]]) -> float:
        return statistics.median(cpu for _, cpu in turn)

    pairs = zip(theirs, ours, strict=True)
    return round(statistics.median(typical(them) / typical(us) for them, us in pairs), 2)
