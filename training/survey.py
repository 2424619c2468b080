"""What cleaning removed and how the photos were split, as a table, a plot and figures."""

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
from training.markdown import table


def count(
    records: Sequence[Record],
    removed: Sequence[tuple[Record, str]],
    kept: Sequence[tuple[Record, dict]],
    sides: Sequence[str],
    noise: Sequence[float],
) -> dict:
    """`{photos, removed: {data set: {reason: n}}, train, validation: {data set: n}, copies: {pairs,
    years}, split_sha256}`; `photos`, too, is by data set; `years` is a pair's mean difference."""
    reasons: dict[str, Counter] = {record.source: Counter() for record in records}
    for record, reason in removed:
        reasons[record.source][reason] += 1
    by_side = Counter((side, record.source) for (record, _), side in zip(kept, sides, strict=True))
    return {
        "photos": dict(Counter(record.source for record in records)),
        "removed": {source: dict(found.most_common()) for source, found in reasons.items()},
        **{
            side: {source: by_side[side, source] for source in reasons}
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
    rows = [("photos", *(str(facts["photos"][source]) for source in sources))]
    for reason in reasons(facts):
        rows.append((reason, *(f"−{facts['removed'][s].get(reason, 0)}" for s in sources)))
    for side in ("train", "validation"):
        rows.append((f"**{side}**", *(f"**{facts[side][source]}**" for source in sources)))
    lines = table(("", *sources), rows)
    copies = facts["copies"]
    return (
        f"# Removed photos, by reason\n\n![by data set](cleaning.png)\n\n{lines}\n\n"
        f"The labels of {copies['pairs']} pairs of duplicates are {copies['years']} years apart on "
        f"average: that is how uncertain the labels are.\n\n"
        f"Split: SHA-256 `{facts['split_sha256']}`\n"
    )


def reasons(facts: dict) -> list[str]:
    """Every reason that removed something, the most frequent first."""
    total: Counter = Counter()
    for found in facts["removed"].values():
        total.update(found)
    return [reason for reason, _ in total.most_common()]


def draw(path: Path, facts: dict) -> None:
    """A bar per data set: the share of its photos that each rule removed."""
    sources = list(facts["photos"])
    figure, axes = plt.subplots(figsize=(9, 1.5 + 0.4 * len(sources)), layout="constrained")
    start = np.zeros(len(sources))
    for reason in reasons(facts):
        taken = [facts["removed"][s].get(reason, 0) / facts["photos"][s] for s in sources]
        axes.barh(sources, 100 * np.array(taken), left=start, label=reason)
        start += 100 * np.array(taken)
    axes.set_xlabel("% of the photos removed")
    axes.invert_yaxis()
    if reasons(facts):
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    figure.savefig(path, dpi=110)
    plt.close(figure)
