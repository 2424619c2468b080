"""Which of the sightings are judged: doubtful and tilted faces are looked at again, in an upright
crop, and the largest come first where there are too many."""

from dataclasses import dataclass, replace

import numpy as np

from model.budget import Budget
from model.centerface import MARGIN, CenterFace
from model.rotation import upright_crop
from model.sightings import LEANING, Sighting, half_turns, merged

# Scores of the network
FACE = 0.45  # the lowest that counts as a face
TURNED_FACE = 0.6  # the lowest of a face that is not upright: few are, but many things look so
SURE = 0.75  # below it, an upright crop decides whether the face is upside down, or none
HINT = 0.05  # the lowest in the first look that asks for a closer one

TILTED = 20  # degrees of roll; a face that is tilted more is judged in an upright crop
UPRIGHT_LOOK = 128  # side in pixels of the network's input for a crop, of which the face is half
TRIES = 3  # crops in which a face gets more upright


@dataclass(frozen=True)
class Looks:
    """The network for one photo; each look is counted in its budget."""

    network: CenterFace
    budget: Budget

    def look(
        self, pixels: np.ndarray, scale: float, min_score: float, margin: int = MARGIN
    ) -> list[Sighting]:
        """See CenterFace.look."""
        height, width = (side * scale + 2 * margin for side in pixels.shape[:2])
        self.budget.spend(height * width)
        return self.network.look(pixels, scale, min_score, margin)


def judged(looks: Looks, pixels: np.ndarray, found: list[Sighting]) -> list[Sighting]:
    """Those that are faces. The largest is always judged, the others as far as the budget goes."""
    budget, checked, faces = looks.budget, list[Sighting](), 0
    for face in sorted(found, key=lambda face: face.box[2] * face.box[3], reverse=True):
        affordable = budget.in_time and (budget.may_look or not _is_doubtful(face))
        if checked and (faces == budget.faces or not affordable):
            budget.not_judged += 1
        else:
            checked.append(face := _checked(looks, pixels, face))
            faces += _is_believed(face)
    once = merged([face for face in checked if face.score > FACE])
    return [face for face in once if _is_believed(face)]


def _is_doubtful(face: Sighting) -> bool:
    return face.score < SURE or face.lean > TILTED


def _checked(looks: Looks, pixels: np.ndarray, face: Sighting) -> Sighting:
    """The face; if doubtful or tilted, as the network sees it in an upright crop."""
    rolls = [face.roll + turn for turn in (0, 180, 90, 270)] if face.score < SURE else []
    for roll in rolls:
        if other := again(looks, pixels, face, roll):
            face = max(face, other, key=lambda face: (face.lean <= LEANING, face.score))
        if face.score >= SURE and face.lean <= TILTED:
            break
    for _ in range(TRIES):
        if face.lean <= TILTED or not (other := again(looks, pixels, face, face.roll)):
            break
        face = other
    return face


def again(looks: Looks, pixels: np.ndarray, face: Sighting, roll: float) -> Sighting | None:
    """The face in a crop that would be upright if its roll were `roll`; None when nothing is seen
    in the middle of it."""
    crop = upright_crop(pixels, face.box, roll)
    side = len(crop.pixels)
    middle = Sighting((side / 4, side / 4, side / 2, side / 2), 1.0, 0.0, 0.0)
    looked = looks.look(crop.pixels, UPRIGHT_LOOK / side, HINT)
    if not (seen := [other for other in looked if middle.holds(other.centre)]):
        return None
    best = max(seen, key=lambda other: other.score)
    ((x, y),) = crop.in_photo(np.array([best.centre])).tolist()
    width, height = (length * crop.scale for length in best.box[2:])
    upright = Sighting(best.box, best.score, half_turns(roll + best.roll), best.lean)
    if upright.quarters % 2:
        width, height = height, width
    return replace(upright, box=(x - width / 2, y - height / 2, width, height))


def _is_believed(face: Sighting) -> bool:
    upright = abs(face.roll) <= LEANING
    return face.lean <= LEANING and face.score >= (FACE if upright else TURNED_FACE)
