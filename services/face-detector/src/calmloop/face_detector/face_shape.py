"""What 468 points of a face tell: how open eyes and mouth are, and how the head is turned."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calmloop.contract.messages.face import HeadPose
from calmloop.face_detector.head_pose import pose_of

Points = NDArray[np.float64]

EYES = ((33, 133, (160, 144), (158, 153)), (362, 263, (385, 380), (387, 373)))
"""Of each eye the two corners, and two pairs of a point on the upper and one on the lower lid."""
MOUTH = (78, 308, (81, 178), (13, 14), (311, 402))
"""The same of the lips' inner edge."""
MAX_RATIO = 2.0

HEAD = {
    10: (0.0, -0.99, -0.28),
    9: (0.0, -0.38, -0.41),
    168: (0.0, -0.08, -0.37),
    6: (0.0, 0.05, -0.46),
    4: (0.0, 0.56, -0.82),
    33: (-0.89, 0.02, 0.06),
    263: (0.89, 0.02, 0.06),
    133: (-0.35, 0.04, -0.05),
    362: (0.35, 0.04, -0.05),
    234: (-1.33, 0.35, 1.15),
    454: (1.33, 0.35, 1.15),
}
"""Forehead, bridge and tip of the nose, corners of the eyes and ears, which no expression moves: on
a head that looks ahead, right, down and away from the camera, their root mean square distance from
their middle being 1. It is the mean of what the network gives for 18 synthetic children that look
ahead (tools/src/calmloop/synth), made symmetrical."""

MIN_PRESENCE = 12.0
"""Of the logit. Bare faces turned by up to 30 degrees or nodded by 20 have 13 and more, the one
profile of the clips 5 at most, with eyes that read as closed; half of the covered faces less."""
CLOSED_TO, OPEN_FROM = 0.19, 0.25
"""A real blink has 0.16 at most, cut askew up to 0.19. That person's open eyes have 0.22 and more,
but of 16 real faces of 48 pixels with their eyes shut four read 0.22 to 0.24: what is said to be
open has to be beyond those, since who is said to be awake is not asked about."""
MAX_YAW_DEG, MAX_PITCH_DEG = 25.0, 25.0
"""Further turned, eyes that are closed read as open ones."""


@dataclass(frozen=True)
class FaceShape:
    """What the points of a face tell.

    Attributes:
        eye_aspect_ratio: Height of the open eye in its widths, the mean of both eyes.
        mouth_aspect_ratio: The same of the gap between the lips.
        pose: How the head is turned.
        eyes_closed: None where that cannot be told.
    """

    eye_aspect_ratio: float
    mouth_aspect_ratio: float
    pose: HeadPose
    eyes_closed: bool | None


def shape_of(points: Points, presence: float) -> FaceShape | None:
    """What points (468, 3) tell: right, down and away from the camera, in any one unit.

    Returns:
        None where the network is not sure that it saw a face, or it shows the back of its head.
    """
    pose = rigid_pose(points) if presence >= MIN_PRESENCE else None
    if pose is None:
        return None
    eyes = float(np.mean([aspect_ratio(points, *eye) for eye in EYES]))
    turned = abs(pose.yaw_deg) > MAX_YAW_DEG or abs(pose.pitch_deg) > MAX_PITCH_DEG
    between = CLOSED_TO < eyes < OPEN_FROM
    return FaceShape(
        eye_aspect_ratio=round(eyes, 3),
        mouth_aspect_ratio=round(aspect_ratio(points, *MOUTH), 3),
        pose=pose,
        eyes_closed=None if turned or between else eyes <= CLOSED_TO,
    )


def aspect_ratio(points: Points, left: int, right: int, *gaps: tuple[int, int]) -> float:
    """Mean height of the gaps in widths, 0 to 2 (Soukupová and Čech, 2016, for eyes).

    The height is the one that is seen; the width is taken in three dimensions, so that a turned
    head does not seem to open its eyes.
    """
    width = float(np.linalg.norm(points[left] - points[right]))
    heights = [float(np.linalg.norm(points[up, :2] - points[down, :2])) for up, down in gaps]
    return min(MAX_RATIO, float(np.mean(heights)) / max(width, 1e-9))


def rigid_pose(points: Points) -> HeadPose | None:
    """The rotation of HEAD that fits the points best, in least squares (Kabsch, 1976)."""
    seen = points[list(HEAD)]
    left, _, right = np.linalg.svd((seen - seen.mean(axis=0)).T @ np.array(list(HEAD.values())))
    mirrored = np.linalg.det(left @ right)
    turn = left @ np.diag([1.0, 1.0, np.sign(mirrored)]) @ right
    return pose_of(turn[0], turn[1])
