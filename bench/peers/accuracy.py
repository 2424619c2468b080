"""How wrong is each peer on the same labelled photos?"""

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from bench.peers import labelled
from bench.peers.running import Running
from training.datasets import Record

# age in years and whether female; None where no face was found
Seen = tuple[float, bool] | None


def look(running: Sequence[Running], records: Sequence[Record]) -> dict[str, list[Seen]]:
    """What each peer says of each photo's largest face."""
    seen: dict[str, list[Seen]] = {peer.peer.name: [] for peer in running}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "photo.png"
        for record in track(records, "accuracy", console=Console(stderr=True)):
            labelled.write(record, path)
            for peer in running:
                seen[peer.peer.name].append(largest(peer.ask(path).faces))
    return seen


def largest(faces: Iterable[dict]) -> Seen:
    face = max(faces, key=lambda face: face["area"], default=None)
    return (face["age"], face["female"]) if face else None


def measure(records: Sequence[Record], seen: dict[str, list[Seen]]) -> dict[str, dict]:
    """`{peer: {data set: figures}}`, `all` for all of them.

    Figures: `n` photos and `found`, the share with a face. On those that the peer found: `mae` in
    years, `cs5` and `gender`, shares. On those that every peer found, `common` of them:
    `common_mae`, in which nobody gains by missing the hard ones.
    """
    source = np.array([record.source for record in records])
    age = np.array([record.age_low for record in records], float)
    female = np.array([record.gender == 1 for record in records])
    common = np.array([all(faces) for faces in zip(*seen.values(), strict=True)])
    groups = {name: source == name for name in np.unique(source)} | {"all": source != ""}
    return {
        peer: {
            str(name): _figures(answers, age, female, common, pick) for name, pick in groups.items()
        }
        for peer, answers in seen.items()
    }


def _figures(
    answers: Sequence[Seen],
    age: np.ndarray,
    female: np.ndarray,
    common: np.ndarray,
    pick: np.ndarray,
) -> dict:
    found = np.array([answer is not None for answer in answers])
    said = [answer or (np.nan, False) for answer in answers]
    error = np.abs(np.array([years for years, _ in said]) - age)
    right = np.array([woman for _, woman in said]) == female
    own, shared = pick & found, pick & common
    return {
        "n": int(pick.sum()),
        "found": _mean(found[pick]),
        "mae": _mean(error[own]),
        "cs5": _mean(error[own] <= 5),
        "gender": _mean(right[own]),
        "common": int(shared.sum()),
        "common_mae": _mean(error[shared]),
    }


def _mean(values: np.ndarray) -> float | None:
    return round(float(values.mean()), 4) if len(values) else None
