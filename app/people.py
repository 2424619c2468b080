"""Follows the people of a video: a face belongs to the person whose face was last seen in the same
place."""

from collections import Counter
from dataclasses import dataclass, field
from statistics import median

OVERLAP = 0.3  # intersection over union of the boxes of one person, at least
PATIENCE = 5  # frames in which a person may not be seen


@dataclass(frozen=True)
class Sighting:
    """`face`: as in `POST /v1/faces`; `look`: how many frames were looked at before."""

    look: int
    frame: int
    seconds: float
    face: dict


@dataclass
class People:
    """Everyone who was seen, each as a list of sightings; `looks`: how many frames were looked
    at."""

    seen: list[list[Sighting]] = field(default_factory=list)
    looks: int = 0

    def add(self, frame: int, seconds: float, faces: list[dict]) -> None:
        """The faces of the next frame. Those that overlap most with somebody come first."""
        present = [who for who in self.seen if self.looks - who[-1].look <= PATIENCE + 1]
        pairs = [(overlap(who[-1].face["box"], face["box"]), number, which)
                 for number, face in enumerate(faces)
                 for which, who in enumerate(present)]  # fmt: skip
        whose: dict[int, int] = {}  # the number of a face -> somebody present
        for share, number, which in sorted(pairs, reverse=True):
            if share >= OVERLAP and number not in whose and which not in whose.values():
                whose[number] = which
        for number, face in enumerate(faces):
            if number not in whose:
                self.seen.append([])
            who = present[whose[number]] if number in whose else self.seen[-1]
            who.append(Sighting(self.looks, frame, seconds, face))
        self.looks += 1

    def still(self) -> int:
        """The frame that shows most people, and of several such the one with the largest faces."""
        shown: Counter[int] = Counter()
        size: Counter[int] = Counter()
        for sighting in (sighting for who in self.seen for sighting in who):
            shown[sighting.frame] += 1
            size[sighting.frame] += area(sighting.face["box"])
        return max(shown, key=lambda frame: (shown[frame], size[frame]), default=0)

    def faces(self) -> list[dict]:
        """A face for each person, the one most often seen first; see `face`."""
        still = self.still()
        often = sorted(self.seen, key=lambda who: (-len(who), who[0].look))
        return [face(who, still) for who in often]


def face(who: list[Sighting], still: int) -> dict:
    """As in `POST /v1/faces`: of the still if the person is in it, else where the face is largest.
    But with the median age, range and gender of all sightings, the notes of most of them, and
    `frames`, how many they are, `seconds`, when the first and the last was, and `frame`."""
    best = max(who, key=lambda one: (one.frame == still, area(one.face["box"])))
    faces = [one.face for one in who]
    female = median(
        one["gender_confidence"] if one["gender"] == "Female" else 1 - one["gender_confidence"]
        for one in faces
    )
    notes = Counter(note for one in faces for note in one["quality"]["notes"])
    return best.face | {
        "age": round(median(one["age"] for one in faces), 1),
        "age_range": [round(median(one["age_range"][end] for one in faces)) for end in (0, 1)],
        "gender": "Female" if female >= 0.5 else "Male",
        "gender_confidence": round(max(female, 1 - female), 3),
        "quality": best.face["quality"]
        | {"notes": [note for note, times in notes.items() if times > len(who) / 2]},
        "frames": len(who),
        "seconds": [round(who[0].seconds, 2), round(who[-1].seconds, 2)],
        "frame": best.frame,
    }


def area(box: dict) -> int:
    return box["width"] * box["height"]


def overlap(one: dict, other: dict) -> float:
    """Intersection over union of two boxes, 0 to 1."""
    across, down = (
        min(one[start] + one[size], other[start] + other[size]) - max(one[start], other[start])
        for start, size in (("left", "width"), ("top", "height"))
    )
    shared = max(0, across) * max(0, down)
    return shared / (area(one) + area(other) - shared)
