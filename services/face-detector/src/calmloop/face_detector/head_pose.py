"""How a head is turned, from five landmarks: the rotation of a usual head that fits them best."""

import math

import numpy as np
from numpy.typing import NDArray

from calmloop.contract.messages.face import HeadPose
from calmloop.face_detector.detection import Landmarks

HEAD = (
    (-155.0, -170.0, 135.0),
    (155.0, -170.0, 135.0),
    (0.0, 0.0, 0.0),
    (-150.0, 150.0, 125.0),
    (150.0, 150.0, 125.0),
)
"""Eyes, nose's tip and corners of the mouth, right, down and away from the camera: the generic head
in common use with OpenCV's solvePnP, with the pupils midway between the corners of the eyes."""
FROM_HEAD = np.linalg.pinv(np.array(HEAD) - np.mean(HEAD, axis=0)).T
"""What leads from seen points to the two rows of the affine map of HEAD that fits them best."""
MIN_SIZE_PX = 1.0
MIN_ROUNDNESS = 0.1


def landmark_pose(landmarks: Landmarks) -> HeadPose | None:
    """The pose under scaled orthography: the head is far away compared with its depth.

    Args:
        landmarks: The points of HEAD in pixels.

    Returns:
        None where the points lie on each other or on one line, or show the back of the head.
    """
    seen = np.array(landmarks)
    seen -= seen.mean(axis=0)
    left, sizes, right = np.linalg.svd(seen.T @ FROM_HEAD, full_matrices=False)
    across, down = left @ right
    flat = sizes[1] < MIN_ROUNDNESS * sizes[0]
    if flat or float(np.abs(seen).max()) < MIN_SIZE_PX:
        return None
    return pose_of(across, down)


def pose_of(across: NDArray[np.float64], down: NDArray[np.float64]) -> HeadPose | None:
    """The pose by where a rotation takes right (1, 0, 0) and down (0, 1, 0) of a head.

    Args:
        across: First row (3,) of the rotation.
        down: Second row (3,).

    Returns:
        None where it shows the back of the head.
    """
    (ax, ay, az), (dx, dy, dz) = across.tolist(), down.tolist()
    away = (ay * dz - az * dy, az * dx - ax * dz, ax * dy - ay * dx)
    if away[2] <= 0.0:
        return None
    return HeadPose(
        yaw_deg=_degrees(math.asin(min(1.0, max(-1.0, away[0])))),
        pitch_deg=_degrees(math.atan2(away[1], away[2])),
        roll_deg=_degrees(math.atan2(dx, ax)),
    )


def _degrees(angle: float) -> float:
    return round(math.degrees(angle), 1)
