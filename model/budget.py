"""What one photo may cost. A few kilobytes can show hundreds of faces, and a look at each of them
would keep a core busy for half a minute."""

import time
from dataclasses import dataclass, field

from model.photo import MAX_PIXELS

MAX_FACES = 64  # judged in one photo; a school class has 40 to 60
SECONDS = 20.0  # until no further face is begun; uWSGI ends a request after 30 (uwsgi.ini)
# Megapixels of the detector's input. One takes 0.2 s of a core. A photo of 3:2 needs 1 for the
# search, a panorama of 8:1 needs 5; an upright crop, of which a doubtful face needs up to 7, 0.026.
SEARCH = 6.0
FOR_EACH_FACE = 1 / 16

PHOTOS_SECONDS = 10.0  # of a request with several photos, until no further photo is begun


@dataclass
class Budget:
    """What is left for one photo, and the faces that it was too small for.

    `faces`: the most that are judged; `seconds`: from now on; `not_judged`: faces that were seen
    but left out, usually the smallest ones; `megapixels`: that the detector has looked at.
    """

    faces: int = MAX_FACES
    seconds: float = SECONDS
    not_judged: int = 0
    megapixels: float = 0.0
    _began: float = field(default_factory=time.monotonic)

    def spend(self, pixels: float) -> None:
        """Count a look of the detector at so many pixels of its input."""
        self.megapixels += pixels / 1e6

    @property
    def may_search(self) -> bool:
        return self.megapixels < SEARCH and self.in_time

    @property
    def may_look(self) -> bool:
        """Whether a doubtful face may be looked at again."""
        return self.megapixels < SEARCH + self.faces * FOR_EACH_FACE

    @property
    def in_time(self) -> bool:
        return time.monotonic() < self._began + self.seconds


@dataclass
class SharedBudget:
    """What is left for the photos of one request.

    A photo is begun if those before it had less than one photo may have, and then gets all that it
    would get in a request of its own: its answer does not depend on the others. So the whole
    request costs at most twice what one photo may cost.
    """

    faces: int = MAX_FACES
    _pixels: int = 0
    _judged: int = 0
    _megapixels: float = 0.0
    _began: float = field(default_factory=time.monotonic)

    @property
    def is_spent(self) -> bool:
        return (
            self._pixels >= MAX_PIXELS
            or self._judged >= self.faces
            or self._megapixels >= SEARCH + self.faces * FOR_EACH_FACE
            or time.monotonic() - self._began >= PHOTOS_SECONDS
        )

    def for_next(self, faces: int) -> Budget | None:
        """The budget of the next photo, of which at most `faces` are judged; None when nothing is
        left."""
        if self.is_spent:
            return None
        return Budget(min(faces, self.faces), SECONDS - (time.monotonic() - self._began))

    def spend(self, pixels: int, judged: int, photo: Budget) -> None:
        """Count a photo of so many pixels, of which so many faces were judged."""
        self._pixels += pixels
        self._judged += judged
        self._megapixels += photo.megapixels
