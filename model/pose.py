"""Where a head is turned, from its five landmarks.

Four of them lie almost in a plane and the nose stands out of it. So where the nose is between and
below the eyes gives yaw and pitch, for a head of usual proportions seen from far away. Of such a
head both are within 8 degrees, up to 30 degrees aside and from -15 to 30 upwards
(tests/model/test_pose.py). Real noses differ in length, which pitch suffers from most. A head that
looks down by more than 20 degrees hardly looks different from one that looks down by 20.
"""

from dataclasses import dataclass
from math import acos, atan, atan2, cos, degrees, hypot, radians, sin

import numpy as np

from model.rotation import roll_of

# The nose's base below and in front of the eyes, relative to their distance: after MediaPipe's
# canonical face model, but not checked against its file
BELOW, IN_FRONT = 0.748, 0.411
REACH, RISE = hypot(BELOW, IN_FRONT), atan2(IN_FRONT, BELOW)
DOWN = radians(20)  # the most that is told
ROUNDS = 6  # yaw and pitch change what is seen of each other


@dataclass(frozen=True)
class Pose:
    """Degrees. `yaw`: -90 to 90, to the right of the picture; `pitch`: -20 to 61, upwards; both
    once the head is upright; `roll`: -180 to 180, clockwise in the photo."""

    yaw: float
    pitch: float
    roll: float


def pose_of(landmarks: np.ndarray) -> Pose:
    """`landmarks`: (5, 2), see model.faces."""
    right, left = landmarks[0:2].mean(axis=0), landmarks[2:4].mean(axis=0)
    across, nose = right - left, landmarks[4] - (left + right) / 2
    size = float(across @ across) or 1.0  # all in one point: nothing can be said
    aside = float(nose @ across) / size
    below = float(nose @ (-across[1], across[0])) / size
    yaw = pitch = 0.0
    for _ in range(ROUNDS):
        # bound below: of a head that looks down hardly anything is seen in front
        in_front = max(IN_FRONT * cos(pitch) + BELOW * sin(pitch), IN_FRONT / 2)
        yaw = atan(aside / in_front)
        seen = below * cos(yaw) / REACH
        pitch = acos(min(cos(RISE - DOWN), max(0.0, seen))) - RISE
    return Pose(degrees(yaw), degrees(pitch), roll_of(landmarks))
