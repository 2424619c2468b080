"""The figures of a run as Markdown, and the two claims that they must support."""

from bench.peers.roster import DEEPFACE_PEER, OURS, PEERS
from training.markdown import table

NEAR = 1.5  # years: Yanling is faster than every peer whose error is this close to its own
DEEPFACE_TIMES = 10  # at least this many times faster than DeepFace
SETS = {"all": "both", "utkface": "UTKFace", "aaf": "All-Age-Faces"}


def markdown(found: dict) -> str:
    """The tables of speed and, where measured, accuracy, then the verdicts."""
    parts = [found["machine"] + ":", speed(found)]
    if "accuracy" in found:
        parts.append(accuracy(found))
    parts.append("\n".join(f"- {line}" for line in verdicts(found)))
    return "\n\n".join(parts) + "\n"


def speed(found: dict) -> str:
    head, rows = [""], []
    for photo in found["speed"][OURS.name]:
        head += [f"{photo}: median, p99 ms", "of CPU time", "times ours"]
    for name, times in found["speed"].items():
        cells = [name]
        for row in times.values():
            cells += [f"{row['median']:.0f}, {row['p99']:.0f}", f"{row['cpu']:.0f}"]
            cells.append("" if name == OURS.name else f"{row['times_ours']:.1f}")
        rows.append([*cells, f"{found['first_answer'][name]:.1f}", f"{found['memory'][name]:.0f}"])
    return table([*head, "first answer, s", "memory, MB"], rows)


def accuracy(found: dict) -> str:
    head = ["", "data set", "photos", "face found", "MAE, years", "within 5 years", "gender"]
    rows = []
    for group, title in SETS.items():
        for name, groups in found["accuracy"].items():
            row = groups[group]
            shares = f"{row['found']:.1%}", f"{row['mae']:.2f}", f"{row['cs5']:.1%}"
            common = f"{row['common_mae']:.2f} ({row['common']})"
            rows.append([name, title, str(row["n"]), *shares, f"{row['gender']:.1%}", common])
    return table([*head, "MAE where all found a face"], rows)


def verdicts(found: dict) -> list[str]:
    """Each claim and whether it held in this run, on the photo with the smallest ratio."""
    least = {
        peer.name: min(row["times_ours"] for row in found["speed"][peer.name].values())
        for peer in PEERS
        if peer is not OURS
    }
    lines = []
    if "accuracy" in found:
        error = {name: groups["all"]["common_mae"] for name, groups in found["accuracy"].items()}
        ours = error.pop(OURS.name)
        near = [name for name, value in error.items() if value <= ours + NEAR]
        held = all(least[name] > 1 for name in near)
        lines.append(
            f"Faster than every peer whose error is within {NEAR} years of ours: "
            f"{'yes' if held else '**no**'} "
            f"({', '.join(f'{name} {least[name]:.1f} times' for name in near) or 'there is none'})."
        )
    times = least[DEEPFACE_PEER.name]
    lines.append(
        f"At least {DEEPFACE_TIMES} times faster than DeepFace's networks: "
        f"{'yes' if times >= DEEPFACE_TIMES else '**no**'} ({times:.1f} times)."
    )
    return lines
