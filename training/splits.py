"""Train or validation, the same on every machine: no seed, no order, only names.

Within each data set and age band, the photos with the smallest hashes of their names are
validation. Where the data set identifies people, each person is on one side.

Validation has two halves. Everything that is chosen or fitted on validation (checkpoint, mix,
calibration) sees the choosing half only; published figures come from the reporting half.
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from training.datasets import Record

VALIDATION_SHARE = 0.05
BAND = 10  # years


def split(records: Sequence[Record], share: float = VALIDATION_SHARE) -> list[str]:
    """`train` or `validation` for each record; `share` of each band's photos is validation."""
    people: dict[str, list[int]] = defaultdict(list)
    for i, record in enumerate(records):
        people[record.person].append(i)
    strata: dict[tuple[str, int], list[str]] = defaultdict(list)
    for person, photos in people.items():
        ages = sorted(_age(records[i]) for i in photos)
        strata[records[photos[0]].source, int(ages[len(ages) // 2] // BAND)].append(person)
    sides = ["train"] * len(records)
    for stratum in strata.values():
        wanted = share * sum(len(people[person]) for person in stratum)
        for person in sorted(stratum, key=_hash):
            photos = people[person]
            if wanted < len(photos) / 2:  # too many photos is worse than too few here
                break
            wanted -= len(photos)
            for i in photos:
                sides[i] = "validation"
    return sides


def chooses(person: str) -> bool:
    """Whether this person's validation photos are in the choosing half. `person`: Record.person."""
    return _hash(person)[-1] % 2 == 0  # `split` compares the first bytes: these are independent


def checksum(records: Sequence[Record], sides: Sequence[str]) -> str:
    """SHA-256 of the split: equal for equal splits."""
    lines = sorted(f"{record.key} {side}\n" for record, side in zip(records, sides, strict=True))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _age(record: Record) -> float:
    return (record.age_low + record.age_high) / 2  # type: ignore[operator]  # cleaned: both known


def _hash(person: str) -> bytes:
    return hashlib.sha256(person.encode(errors="surrogateescape")).digest()
