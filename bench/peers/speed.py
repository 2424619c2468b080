"""Milliseconds per photo: the peers take turns on one core, so that noise affects all alike."""

import statistics
from collections.abc import Sequence
from pathlib import Path

from bench.peers.roster import OURS
from bench.peers.running import Running
from bench.turns import progress

A_TURN = 3  # photos in a row that count, after one that warms the caches
Rounds = Sequence[Sequence[tuple[float, float]]]  # of (seconds, seconds of CPU time)


def turns(
    running: Sequence[Running], photos: dict[str, Path], rounds: int
) -> dict[str, dict[str, Rounds]]:
    """The times by peer and photo."""
    found: dict = {peer.peer.name: {name: [] for name in photos} for peer in running}
    for _ in progress(range(rounds), "speed"):
        for peer in running:
            for name, path in photos.items():
                answers = [peer.ask(path) for _ in range(1 + A_TURN)][1:]
                found[peer.peer.name][name].append([answer[:2] for answer in answers])
    return found


def compare(times: dict[str, dict[str, Rounds]]) -> dict[str, dict[str, dict[str, float]]]:
    """The figures by peer and photo, and `times_ours`, the ratio to our work."""
    found: dict = {peer: {} for peer in times}
    for peer, photos in times.items():
        for photo, rounds in photos.items():
            ours = times[OURS.name][photo]
            found[peer][photo] = {**figures(rounds), "times_ours": ratio(rounds, ours)}
    return found


def figures(rounds: Rounds) -> dict[str, float]:
    """Milliseconds: `median` and `p99` of elapsed time, `cpu` the median of CPU time."""
    seconds, cpu = zip(*(answer for turn in rounds for answer in turn), strict=True)
    return {
        "median": round(statistics.median(seconds) * 1000, 1),
        "p99": round(statistics.quantiles(seconds, n=100, method="inclusive")[98] * 1000, 1),
        "cpu": round(statistics.median(cpu) * 1000, 1),
    }


def ratio(theirs: Rounds, ours: Rounds) -> float:
    """Their CPU time over ours: the median over rounds of the ratio within a round. Elapsed time
    would also count what other programs do on the core."""

    def typical(turn: Sequence[tuple[float, float]]) -> float:
        return statistics.median(cpu for _, cpu in turn)

    pairs = zip(theirs, ours, strict=True)
    return round(statistics.median(typical(them) / typical(us) for them, us in pairs), 2)
