"""The figures of a run as Markdown, and the two promises that they must keep."""

from collections.abc import Iterator

from bench.peers.roster import DEEPFACE_PEER, OURS, PEERS

NEAR = 1.5  # years: a peer this close to our error must be slower
DEEPFACE_TIMES = 10  # at least so much slower
SETS = {"all": "both", "utkface": "UTKFace", "aaf": "All-Age-Faces"}


def markdown(found: dict) -> str:
    parts = [found["machine"] + ":", "", *_speed(found)]
    if "accuracy" in found:
        parts += ["", *_accuracy(found)]
    parts += ["", *(f"- {line}" for line in verdicts(found))]
    return "\n".join(parts) + "\n"


def _speed(found: dict) -> Iterator[str]:
    photos = list(found["speed"][OURS.name])
    yield (
        "| | "
        + " | ".join(f"{photo}: median, p99 ms | of work | times ours" for photo in photos)
        + " | first answer, s | memory, MB |"
    )
    yield "|---" * (3 + 3 * len(photos)) + "|"
    for name, times in found["speed"].items():
        cells = [name]
        for photo in photos:
            row = times[photo]
            cells += [f"{row['median']:.0f}, {row['p99']:.0f}", f"{row['cpu']:.0f}"]
            cells.append("" if name == OURS.name else f"{row['times_ours']:.1f}")
        cells += [f"{found['first_answer'][name]:.1f}", f"{found['memory'][name]:.0f}"]
        yield f"| {' | '.join(cells)} |"


def _accuracy(found: dict) -> Iterator[str]:
    yield (
        "| | data set | photos | face found | MAE, years | within 5 years | gender "
        "| MAE where all found one |"
    )
    yield "|---" * 8 + "|"
    for group, title in SETS.items():
        for name, groups in found["accuracy"].items():
            row = groups[group]
            yield (
                f"| {name} | {title} | {row['n']} | {row['found']:.1%} | {row['mae']:.2f} "
                f"| {row['cs5']:.1%} | {row['gender']:.1%} "
                f"| {row['common_mae']:.2f} ({row['common']}) |"
            )


def verdicts(found: dict) -> list[str]:
    """What was promised, and whether it held in this run: on the photo where it held least."""
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
