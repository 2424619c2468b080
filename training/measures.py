"""Figures of error: MAE, bias, CS@5, coverage and gender accuracy by data set and decade."""

from collections.abc import Iterator

import numpy as np

from model.age_range import age_ranges
from model.probabilities import expected, is_female
from training.data import Chips

COLUMNS = ("data set", "who", "photos", "MAE, years", "bias, years", "within 5 years",
           "in the label", "covered", "gender")  # fmt: skip
FORMATS = {"mae": ".2f", "bias": "+.1f"} | dict.fromkeys(
    ("cs5", "in_range", "covered", "gender"), ".1%"
)
ADULT = 18  # years
GENDERS = ("men", "women")
BANDS = [(low, low + 9) for low in range(0, 80, 10)] + [(80, 100)]


def measure(
    chips: Chips, ages: np.ndarray, female: np.ndarray, calibration: dict | None = None
) -> dict:
    """`{data set: {group: figures}}`; the group `all` is the whole data set, the others are
    adults, age bands, genders and races.

    Figures: `n` photos; `mae` and `bias` (estimate less label), both in years, and `cs5`, the share
    within 5 years, where labels name a year; with the `calibration` of `model.age_range`, `covered`
    too, the share of labels inside the age range; `in_range`, the share of ages inside the label,
    where that is a range; `gender`, the share of right genders where it is known.
    """
    low, high = chips.ages.T
    age = expected(ages)
    error = age - low
    values = {
        "mae": (np.abs(error), chips.exact),
        "bias": (error, chips.exact),
        "cs5": (np.abs(error) <= 5, chips.exact),
        "in_range": ((low <= age.round()) & (age.round() <= high), ~chips.exact),
        "gender": (right(chips, female), chips.gender[:, 0] >= 0),
    }
    if calibration:
        first, last = age_ranges(ages, calibration).T
        values["covered"] = ((first <= low) & (low <= last), chips.exact)
    return {
        str(source): {
            name: figures(values, pick & (chips.source == source))
            for name, pick in groups(chips)
            if (pick & (chips.source == source)).any()
        }
        for source in np.unique(chips.source)
    }


def groups(chips: Chips) -> Iterator[tuple[str, np.ndarray]]:
    """Names of groups and their members, (n,) bool."""
    low = chips.ages[:, 0]
    yield "all", low >= 0
    yield "adults", low >= ADULT
    for first, last in BANDS:
        # ranges belong to the band in which they begin
        yield f"{first}-{last}", (first <= low) & (low <= last)
    for value, name in enumerate(GENDERS):
        yield name, chips.gender[:, 0] == value
    for race in np.unique(chips.race[chips.race != ""]):
        yield str(race), chips.race == race


def right(chips: Chips, female: np.ndarray) -> np.ndarray:
    """Whether the estimated gender is the label's, (n,) bool; meaningless where that is unknown."""
    return is_female(female) == (chips.gender[:, 0] > 0.5)


def off_label(chips: Chips, ages: np.ndarray) -> np.ndarray:
    """Years from the expected age to the label, (n,): 0 inside a range. `ages`: (n, 101)."""
    low, high = chips.ages.T
    age = expected(ages)
    return np.maximum(np.maximum(low - age, age - high), 0)


def matched_means(
    chips: Chips, pick: np.ndarray, reference: np.ndarray, value: np.ndarray
) -> tuple[float, float]:
    """The mean of `value`, (n,), over `pick`, and over faces of `reference` of the same data sets
    and decades; `pick` and `reference`: (n,) bool. Errors grow with age, and ranges hide them, so
    only like faces can be compared; faces without any are left out. (nan, nan) if none is left."""
    decade = chips.ages[:, 0] // 10
    own, others = [], []
    for source, ten in sorted(set(zip(chips.source, decade, strict=True))):
        kind = (chips.source == source) & (decade == ten)
        if (kind & pick).any() and (kind & reference).any():
            own.append(value[kind & pick])
            others.append(np.full(len(own[-1]), value[kind & reference].mean()))
    if not own:
        return float("nan"), float("nan")
    return float(np.concatenate(own).mean()), float(np.concatenate(others).mean())


def figures(values: dict, pick: np.ndarray) -> dict:
    """The means over `pick` of `values`, pairs of (value, where it is defined)."""
    row: dict = {"n": int(pick.sum())}
    for name, (value, defined) in values.items():
        if (pick & defined).any():
            row[name] = round(float(value[pick & defined].mean()), 4)
    return row


def overall(measured: dict, name: str) -> float:
    """The mean over all photos of the data sets with this figure; nan if none has it."""
    sets = [groups["all"] for groups in measured.values() if name in groups["all"]]
    if not sets:
        return float("nan")
    return sum(row["n"] * row[name] for row in sets) / sum(row["n"] for row in sets)


def rows(measured: dict) -> Iterator[tuple[str, ...]]:
    """What `measure` returned, as rows of text under `COLUMNS`."""
    for source, found in measured.items():
        for group, row in found.items():
            cells = (
                f"{row[name]:{style}}" if name in row else "–" for name, style in FORMATS.items()
            )
            yield source, group, str(row["n"]), *cells
