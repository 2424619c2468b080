"""What cleaning removed and how the split fell, as a table, a picture and figures."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # no screen needed
import matplotlib.pyplot as plt
import numpy as np

from training import splits
from training.datasets import Record


def count(
    records: Sequence[Record],
    removed: Sequence[tuple[Record, str]],
    kept: Sequence[tuple[Record, dict]],
    sides: Sequence[str],
    noise: Sequence[float],
) -> dict:
    """`{photos, removed: {data set: {reason: n}}, train, validation: {data set: n}, copies: {pairs,
    years}, split_sha256}`; `photos`, too, is by data set; `years` is how far the labels of a pair
    are apart on average."""
    reasons: dict[str, Counter] = {record.source: Counter() for record in records}
    for record, reason in removed:
        reasons[record.source][reason] += 1
    of_side = Counter((side, record.source) for (record, _), side in zip(kept, sides, strict=True))
    return {
        "photos": dict(Counter(record.source for record in records)),
        "removed": {source: dict(found.most_common()) for source, found in reasons.items()},
        **{
            side: {source: of_side[side, source] for source in reasons}
            for side in ("train", "validation")
        },
        "copies": {"pairs": len(noise), "years": round(sum(noise) / max(1, len(noise)), 2)},
        "split_sha256": splits.checksum([record for record, _ in kept], sides),
    }


def write(folder: Path, facts: dict) -> None:
    """`facts.json`, `cleaning.md` and `cleaning.png` in `folder`."""
    (folder / "facts.json").write_text(json.dumps(facts, indent=2) + "\n")
    (folder / "cleaning.md").write_text(markdown(facts))
    draw(folder / "cleaning.png", facts)


def markdown(facts: dict) -> str:
    sources = list(facts["photos"])
    table = [("", *sources), ("---",) * (len(sources) + 1)]
    table.append(("photos", *(str(facts["photos"][source]) for source in sources)))
    for reason in reasons(facts):
        table.append((reason, *(f"−{facts['removed'][s].get(reason, 0)}" for s in sources)))
    for side in ("train", "validation"):
        table.append((f"**{side}**", *(f"**{facts[side][source]}**" for source in sources)))
    lines = "\n".join(f"| {' | '.join(row)} |" for row in table)
    copies = facts["copies"]
    return (
        f"# What was left out, and why\n\n![by data set](cleaning.png)\n\n{lines}\n\n"
        f"{copies['pairs']} pairs of pictures that are there twice have labels that are "
        f"{copies['years']} years apart on average: how sure the labels themselves are.\n\n"
        f"Split: SHA-256 `{facts['split_sha256']}`\n"
    )


def reasons(facts: dict) -> list[str]:
    """Every reason that removed something, the most frequent first."""
    total: Counter = Counter()
    for found in facts["removed"].values():
        total.update(found)
    return [reason for reason, _ in total.most_common()]


def draw(path: Path, facts: dict) -> None:
    """A bar a data set: what each rule took of its photos."""
    sources = list(facts["photos"])
    figure, axes = plt.subplots(figsize=(9, 1.5 + 0.4 * len(sources)), layout="constrained")
    start = np.zeros(len(sources))
    for reason in reasons(facts):
        taken = [facts["removed"][s].get(reason, 0) / facts["photos"][s] for s in sources]
        axes.barh(sources, 100 * np.array(taken), left=start, label=reason)
        start += 100 * np.array(taken)
    axes.set_xlabel("% of the photos left out")
    axes.invert_yaxis()
    if reasons(facts):
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    figure.savefig(path, dpi=110)
    plt.close(figure)
