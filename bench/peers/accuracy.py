"""The error of each peer on the same labelled photos."""

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from bench.peers import labelled
from bench.peers.running import Running
from bench.turns import progress
from training.datasets import Record

# age in years and whether female; None where no face was found
Seen = tuple[float, bool] | None


def look(running: Sequence[Running], records: Sequence[Record]) -> dict[str, list[Seen]]:
    """What each peer estimates for the largest face of each photo."""
    seen: dict[str, list[Seen]] = {peer.peer.name: [] for peer in running}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "photo.png"
        for record in progress(records, "accuracy"):
            labelled.write(record, path)
            for peer in running:
                seen[peer.peer.name].append(largest(peer.ask(path).faces))
    return seen


def largest(faces: Iterable[dict]) -> Seen:
    face = max(faces, key=lambda face: face["area"], default=None)
    return (face["age"], face["female"]) if face else None


def measure(records: Sequence[Record], seen: dict[str, list[Seen]]) -> dict[str, dict]:
    """`{peer: {data set: figures}}`, `all` for all data sets.

    Figures: `n` photos; `found`, the share in which the peer found a face; of those `mae` in years
    and the shares `cs5` and `gender`; `common`, the number in which every peer found a face, and
    their `common_mae`, from which no peer gains by missing difficult faces.
    """
    source = np.array([record.source for record in records])
    age = np.array([record.age_low for record in records], float)
    female = np.array([record.gender == 1 for record in records])
    common = np.array([all(faces) for faces in zip(*seen.values(), strict=True)])
    groups = {str(name): source == name for name in np.unique(source)} | {"all": source != ""}
    figures: dict[str, dict] = {}
    for peer, answers in seen.items():
        found, error, right = _compare(answers, age, female)
        figures[peer] = {
            name: {
                "n": int(pick.sum()),
                "found": _mean(found[pick]),
                "mae": _mean(error[pick & found]),
                "cs5": _mean(error[pick & found] <= 5),
                "gender": _mean(right[pick & found]),
                "common": int((pick & common).sum()),
                "common_mae": _mean(error[pick & common]),
            }
            for name, pick in groups.items()
        }
    return figures


def _compare(answers: Sequence[Seen], age: np.ndarray, female: np.ndarray) -> list[np.ndarray]:
    """Whether a face was found, the error in years, and whether the gender is right, for each."""
    found = np.array([answer is not None for answer in answers])
    known = [answer or (np.nan, False) for answer in answers]
    error = np.abs(np.array([years for years, _ in known]) - age)
    right = np.array([is_female for _, is_female in known]) == female
    return [found, error, right]


def _mean(values: np.ndarray) -> float | None:
    return round(float(values.mean()), 4) if len(values) else None
