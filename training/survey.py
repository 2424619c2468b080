"""What cleaning removed and how the split fell, as a table, a picture and figures."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # no screen needed
import matplotlib.pyplot as plt

from training import splits
from training.datasets import Record


def count(
    records: Sequence[Record],
    removed: Sequence[tuple[Record, str]],
    kept: Sequence[tuple[Record, dict]],
    sides: Sequence[str],
) -> dict:
    """`{photos, removed: {data set: {reason: n}}, train, validation: {data set: n}, split_sha256}`;
    `photos`, too, is by data set."""
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
    return f"# What was left out, and why\n\n{lines}\n\nSplit: SHA-256 `{facts['split_sha256']}`\n"


def reasons(facts: dict) -> list[str]:
    """Every reason that removed something, the most frequent first."""
    total: Counter = Counter()
    for found in facts["removed"].values():
        total.update(found)
    return [reason for reason, _ in total.most_common()]


def draw(path: Path, facts: dict) -> None:
    """A bar a data set: the share of its photos that stays, and what each rule takes."""
    sources = list(facts["photos"])
    kept = [facts["train"][s] + facts["validation"][s] for s in sources]
    parts = {"kept": kept}
    parts |= {r: [facts["removed"][s].get(r, 0) for s in sources] for r in reasons(facts)}
    figure, axes = plt.subplots(figsize=(9, 1.5 + 0.5 * len(sources)), layout="constrained")
    start = [0.0] * len(sources)
    colours = ["#d9e2ec", *plt.get_cmap("tab20").colors]  # type: ignore[attr-defined]
    for (name, values), colour in zip(parts.items(), colours, strict=False):
        shares = [100 * v / facts["photos"][s] for v, s in zip(values, sources, strict=True)]
        axes.barh(sources, shares, left=start, label=name, color=colour)
        start = [a + b for a, b in zip(start, shares, strict=True)]
    axes.set_xlabel("% of the photos")
    axes.invert_yaxis()
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.25), ncols=4, frameon=False)
    figure.savefig(path, dpi=110)
    plt.close(figure)
