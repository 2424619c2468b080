"""Finds every face of a photo, whatever its size and roll: where CenterFace looks, and how closely.

Most photos show one large upright face, and a glance finds it (model/glance.py). The others are
searched: a coarse look first, then further ones where that finds nothing, a face that is not
upright, a small one, several, or the hint of one.
"""

from itertools import chain, islice, pairwise
from math import ceil, sqrt

import numpy as np

from model.budget import Budget
from model.centerface import CenterFace, resized
from model.close_look import faces_at
from model.glance import CLEAR, TRACED, Glance, held, is_sure, only_face
from model.sightings import (
    LEANING,
    Box,
    Sighting,
    enlarged,
    is_among,
    merged,
    moved,
    turned_back,
)
from model.upright import FACE, HINT, SURE, Looks, again, judged

# Sides in pixels of the network's input
LOOK = 288  # the photo's longer side in the first look
TURNED_LOOK = 192  # the same in a photo turned sideways or upside down because nothing was found
CLOSER = 432  # the photo's shorter side in a closer look
CLOSEST = 600  # the same where there are tiny faces
WINDOW = 64  # the closest look at a hint

ENLARGED = 1.25  # a photo in a closer look, at most
CLOSER_BY = 1.2  # less is not worth another look
HINTS = 3  # looked at, at most
MAX_ASPECT = 2.0  # the first look keeps its area in longer photos, the closer one takes pieces
SMALL_FACE = 0.2  # of the photo's longer side: where the only face is smaller, there may be more
LIKELY = 0.5  # score of a trace of which CenterFace may need to see the whole photo
WIDE = 0.15  # of the photo's longer side; the first look finds faces of such traces
FEW = 6  # traces of the glance; looking at more costs more than looking at the whole photo
LARGE_PHOTO = 448  # pixels of its longer side: the glance sees it at half that or more
DARK = 45  # mean of the pixels' values, 0 to 255
THIN = 8  # pixels are averaged one in so many rows and columns
TRACES = 64  # of the glance, that it looks at from near
CROWD = 8  # traces; with more, looking at the whole photo takes less time than looking at each
GLANCES = 6  # that cost as much as one look of CenterFace
TINY_FACE = 1 / 16  # of the photo's shorter side


class Detector:
    """Finds faces. Safe to share between threads."""

    def __init__(self):
        self._network = CenterFace()
        self._glance = Glance()

    def find(self, pixels: np.ndarray, budget: Budget | None = None) -> list[Sighting]:
        """The faces in `pixels`, (h, w, 3) uint8 RGB, in any order. `budget` counts those that it
        is too small for."""
        looks = Looks(self._network, budget or Budget())
        traces, found = self._glance.look(pixels), dict[Sighting, list[Sighting]]()
        if traces and (only := only_face(looks, pixels, traces, found)):
            return [only]
        return judged(looks, pixels, _Search(looks, self._glance, found).find(pixels, traces))

    def glance(self, pixels: np.ndarray, budget: Budget) -> Sighting | None:
        """The only face, where the glance sees it; see model.glance."""
        traces = self._glance.look(pixels)
        return only_face(Looks(self._network, budget), pixels, traces, {}) if traces else None

    def search(self, pixels: np.ndarray, budget: Budget) -> list[Sighting]:
        """As `find`, but without the glance at the whole photo; closer looks begin with one."""
        looks = Looks(self._network, budget)
        return judged(looks, pixels, _Search(looks, self._glance, {}).find(pixels))


class _Search:
    """The search in one photo. `known`: the faces at traces that CenterFace has looked at."""

    def __init__(self, looks: Looks, glance: Glance, known: dict[Sighting, list[Sighting]]):
        self._looks, self._glance, self._known = looks, glance, known
        self._rejected: list[Sighting] = []  # traces that are no face, where none is one

    def find(self, pixels: np.ndarray, traces: list[Sighting] | None = None) -> list[Sighting]:
        """What may be a face, each once. `traces`: what the glance saw; None where it did not
        look."""
        at_traces = None if traces is None else self._at_traces(pixels, traces)
        if at_traces is None:
            seen, found = self._at_first(pixels)
            found = found or self._turned_looks(pixels)
        elif not at_traces and _any_wide(traces or [], max(pixels.shape[:2])):
            seen, found = self._at_first(pixels)  # the glance may be wrong about where it is
        else:
            seen = found = at_traces
        if at_traces == found == []:
            self._rejected = traces or []
        searched: set[int] = set()
        # faces that lie on their side are found more surely in the turned photo
        while turns := ({face.quarters for face in found} or {0}) - searched:
            searched.add(turn := min(turns))
            if not self._looks.budget.may_search:
                break  # they are judged as they were seen
            turned = np.ascontiguousarray(np.rot90(pixels, turn))
            more = self._search(turned, self._first_look(turned) if turn else seen)
            found = merged([*found, *turned_back(more, turn, turned.shape)])
        return found

    def _at_traces(self, pixels: np.ndarray, traces: list[Sighting]) -> list[Sighting] | None:
        """The faces at the traces; None where the whole photo has to be looked at: there are many,
        or no face is found and the glance may have missed some."""
        sure = [at for at in traces if is_sure(at, *pixels.shape[:2])]
        new = [at for at in traces if at not in sure and at not in self._known]
        clear = [at for at in new if at.score > CLEAR]
        if len(clear) > FEW:
            return None
        known = chain.from_iterable(self._known.values())
        if found := merged([*sure, *known, *self._faces_at(pixels, clear)]):
            return found
        if len(traces) > CROWD or not _is_easy(pixels) or any(at.score > LIKELY for at in traces):
            return None
        return self._faces_at(pixels, [at for at in new if at not in clear])

    def _faces_at(self, pixels: np.ndarray, traces: list[Sighting]) -> list[Sighting]:
        return merged([face for at in traces for face in faces_at(self._looks, pixels, at)])

    def _at_first(self, pixels: np.ndarray) -> tuple[list[Sighting], list[Sighting]]:
        """What the first look sees, and the faces of it."""
        seen = self._first_look(pixels)
        return seen, _faces(seen) or self._half_seen(pixels, seen)

    def _half_seen(self, pixels: np.ndarray, seen: list[Sighting]) -> list[Sighting]:
        """The faces among the hints of a photo without a face."""
        closer = [again(self._looks, pixels, hint, hint.roll) for hint in _hints(seen, [])]
        return merged([face for face in closer if face and face.score > FACE])

    def _first_look(self, pixels: np.ndarray) -> list[Sighting]:
        return self._looks.look(pixels, _first_scale(*pixels.shape[:2]), HINT)

    def _turned_looks(self, pixels: np.ndarray) -> list[Sighting]:
        """The faces that are upright in the photo turned sideways or upside down."""
        height, width = pixels.shape[:2]
        scale = _first_scale(height, width, TURNED_LOOK)
        small = resized(pixels, scale)  # turning the whole photo would take longer than the look
        found: list[Sighting] = []
        for turn in (1, 2, 3):
            turned = np.rot90(small, turn)
            seen = [
                face for face in _faces(self._looks.look(turned, 1.0, FACE)) if face.lean < LEANING
            ]
            found += turned_back(seen, turn, turned.shape)
        return merged([enlarged(face, 1 / scale) for face in found])

    def _search(self, pixels: np.ndarray, seen: list[Sighting]) -> list[Sighting]:
        """The faces of a photo of which the first look saw `seen`."""
        height, width = pixels.shape[:2]
        shorter, longer = sorted((height, width))
        found, first = _faces(seen), _first_scale(height, width)
        closer, closest = (min(ENLARGED, side / shorter) for side in (CLOSER, CLOSEST))
        if closest < CLOSER_BY * first:
            return found
        # that large, it is mostly alone; one that has company may have more
        if len(found) == 1 and max(found[0].box[2:]) > SMALL_FACE * longer:
            small = self._look_at_hints(pixels, _hints(seen, found), closest)
            if not small:
                return found
            found += small
        if not _any_tiny(found, shorter) and closer > CLOSER_BY * first:
            found += self._closer_look(pixels, closer, found)
        if _any_tiny(found, shorter):
            found += self._closer_look(pixels, closest, found)
        return found

    def _look_at_hints(
        self, pixels: np.ndarray, hints: list[Sighting], scale: float
    ) -> list[Sighting]:
        half, found = WINDOW / 2 / scale, []
        for hint in hints:
            x, y = hint.centre
            found += self._look_at(pixels, (x - half, y - half, x + half, y + half), scale)
        return found

    def _closer_look(
        self, pixels: np.ndarray, scale: float, found: list[Sighting]
    ) -> list[Sighting]:
        """Faces beside those `found` so far. Long photos are looked at in pieces, which limits the
        memory. The pieces overlap, so that a face on a border is whole in the piece that has its
        centre."""
        more = list[Sighting]()
        height, width = pixels.shape[:2]
        shorter, longer = sorted((height, width))
        count = ceil(longer / shorter / MAX_ASPECT)
        for start, end in pairwise(np.linspace(0, longer, count + 1)):
            if not self._looks.budget.may_search:
                break
            low, high = start - shorter / 4, end + shorter / 4
            area = (low, 0, high, height) if width == longer else (0, low, width, high)
            axis = 0 if width == longer else 1
            faces = self._look_where(pixels, area, scale, found)
            more += [face for face in faces if start <= face.centre[axis] < end]
        return more

    def _look_where(
        self, pixels: np.ndarray, area: Box, scale: float, found: list[Sighting]
    ) -> list[Sighting]:
        """As `_look_at`, but CenterFace looks only where the glance sees traces of faces that are
        not found yet, unless there are many."""
        left, top, right, bottom = (max(0, round(edge)) for edge in area)
        part = pixels[top:bottom, left:right]
        self._looks.budget.spend(part.shape[0] * part.shape[1] * scale**2 / GLANCES)
        sure = [moved(face, -left, -top) for face in found if face.score > SURE]
        new = self._glance.traces(part, ceil(1 / scale), TRACES, TRACED, sure)
        if new is None or len(new) > CROWD:
            return self._look_at(pixels, area, scale)
        there = [moved(at, left, top) for at in new]
        return self._faces_at(pixels, [at for at in there if not is_among(at, self._rejected)])

    def _look_at(self, pixels: np.ndarray, area: Box, scale: float) -> list[Sighting]:
        """The faces in one part of the photo; `area`: left, top, right, bottom."""
        left, top, right, bottom = (max(0, round(edge)) for edge in area)
        faces = self._looks.look(pixels[top:bottom, left:right], scale, FACE)
        return [moved(face, left, top) for face in faces]


def _faces(seen: list[Sighting]) -> list[Sighting]:
    """Those with a score that counts as a face, each once."""
    return merged([face for face in seen if face.score > FACE])


def _hints(seen: list[Sighting], faces: list[Sighting]) -> list[Sighting]:
    """The strongest sightings that are too weak for a face and not part of one."""
    weak = merged([face for face in seen if face.score <= FACE])
    outside = (hint for hint in weak if not held(hint, faces))
    return list(islice(outside, HINTS))


def _is_easy(pixels: np.ndarray) -> bool:
    """Whether the glance would see a trace of any face: in small and dark photos it misses some."""
    return max(pixels.shape[:2]) >= LARGE_PHOTO and pixels[::THIN, ::THIN].mean() >= DARK


def _any_wide(traces: list[Sighting], longer: int) -> bool:
    return any(max(at.box[2:]) > WIDE * longer for at in traces)


def _any_tiny(faces: list[Sighting], shorter: int) -> bool:
    return any(min(face.box[2:]) < TINY_FACE * shorter for face in faces)


def _first_scale(height: int, width: int, side: int = LOOK) -> float:
    return max(side / max(height, width), side / sqrt(MAX_ASPECT * height * width))
