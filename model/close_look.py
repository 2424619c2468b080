"""CenterFace's looks at one place of a photo where the glance sees what may be a face."""

from dataclasses import dataclass
from math import floor, sqrt

import numpy as np

from model.centerface import MARGIN, resized
from model.sightings import LEANING, Sighting, enlarged, half_turns, moved, turned_back
from model.upright import FACE, SURE, TILTED, Looks, again

AROUND = 2.0  # what is looked at, relative to the face
LOOK = 128  # side in pixels of CenterFace's input
QUICK_LOOK = 64  # the same where it only rejects what is no face: a quarter of the time
SUSPECT = 0.07  # score in a quick look of what may be a face
TRIES = 2  # ways up
PROBABLE = 0.7  # score of a trace that is hardly ever rejected


@dataclass(frozen=True)
class Place:
    """A part of a photo. `pixels`: (h, w, 3) uint8 RGB; `left` and `top`: in the photo; `side`: of
    the square that it would be if the photo did not end there; `margin`: black pixels around it
    that CenterFace needs to see, to know how much of a face is cut off."""

    pixels: np.ndarray
    left: int
    top: int
    side: float
    margin: int


def faces_at(looks: Looks, pixels: np.ndarray, at: Sighting) -> list[Sighting]:
    """The faces there, whichever way up. `pixels`: (h, w, 3) uint8 RGB."""
    if at.score > PROBABLE and at.lean <= TILTED and (faces := close_look(looks, pixels, at, SURE)):
        return faces
    for suspect in quick_looks(looks, pixels, at)[:TRIES]:
        if abs(suspect.roll) <= TILTED:
            found = close_look(looks, pixels, at, FACE) or close_look(looks, pixels, suspect, FACE)
        else:
            found = [face] if (face := again(looks, pixels, suspect, suspect.roll)) else []
        # some faces are seen at one size only
        if faces := [face for face in found or [suspect] if face.score > FACE]:
            return faces
    return []


def quick_looks(looks: Looks, pixels: np.ndarray, at: Sighting) -> list[Sighting]:
    """What may be a face there, as CenterFace sees it in a small copy and in the same turned, each
    way up once; the surest first."""
    place = around(pixels, at)
    small = resized(place.pixels, scale := QUICK_LOOK / place.side)
    seen: list[Sighting] = []
    for turn in range(4):
        turned = np.rot90(small, turn)
        faces = turned_back(looks.look(turned, 1.0, SUSPECT, place.margin), turn, turned.shape)
        there = (moved(enlarged(face, 1 / scale), place.left, place.top) for face in faces)
        seen += [face for face in there if at.holds(face.centre)]
        if turn == 0 and at.lean < LEANING and any(face.score > FACE for face in seen):
            break  # both networks say that it is upright
    ways: list[Sighting] = []
    for face in sorted(seen, key=lambda face: -face.score):
        if all(abs(half_turns(face.roll - other.roll)) > LEANING for other in ways):
            ways.append(face)
    return ways


def close_look(looks: Looks, pixels: np.ndarray, at: Sighting, min_score: float) -> list[Sighting]:
    """What CenterFace sees there without turning the photo, in pixels of it."""
    place = around(pixels, at)
    seen = looks.look(place.pixels, LOOK / place.side, min_score, place.margin)
    return [moved(face, place.left, place.top) for face in seen]


def side_around(at: Sighting) -> float:
    """Of the square that is looked at, in pixels of the photo."""
    return AROUND * sqrt(at.box[2] * at.box[3])


def around(pixels: np.ndarray, at: Sighting) -> Place:
    """What is looked at of a photo, (h, w, 3) uint8 RGB."""
    (x, y), side = at.centre, side_around(at)
    left, top = (max(0, round(middle - side / 2)) for middle in (x, y))
    part = pixels[top : round(y + side / 2), left : round(x + side / 2)]
    whole = min(part.shape[:2]) >= floor(side)
    # not a pixel more than asked for: CenterFace sees multiples of 32
    return Place(part, left, top, max(side, *part.shape[:2]), 0 if whole else MARGIN)
