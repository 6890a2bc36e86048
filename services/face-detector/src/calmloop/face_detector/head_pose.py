"""How a head is turned, from five landmarks: the rotation of a usual head that fits them best."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calmloop.contract.messages.face import HeadPose
from calmloop.face_detector.arrays import np

if TYPE_CHECKING:
    from numpy.typing import NDArray

HEAD = (
    (-155.0, -170.0, 135.0),
    (155.0, -170.0, 135.0),
    (0.0, 0.0, 0.0),
    (-150.0, 150.0, 125.0),
    (150.0, 150.0, 125.0),
)
"""Eyes, nose's tip and corners of the mouth, right, down and away from the camera: the generic head
in common use with OpenCV's solvePnP, with the pupils midway between the corners of the eyes."""
MIN_EYES_PX = 1.0


def head_pose(landmarks: NDArray[np.float32]) -> HeadPose | None:
    """The pose under scaled orthography: the head is far away compared with its depth.

    Args:
        landmarks: Shape (5, 2), x and y of the points of HEAD; what is on the picture's left first.

    Returns:
        None where the points lie on each other or on one line.
    """
    head = np.array(HEAD) - np.mean(HEAD, axis=0)
    seen = landmarks - landmarks.mean(axis=0)
    left, sizes, right = np.linalg.svd(seen.T @ np.linalg.pinv(head).T, full_matrices=False)
    apart_px = float(np.linalg.norm(landmarks[1] - landmarks[0]))
    if apart_px < MIN_EYES_PX or sizes[1] < 0.1 * sizes[0]:
        return None
    across, down = left @ right
    away = np.cross(across, down)
    return HeadPose(
        yaw_deg=_degrees(np.arcsin(np.clip(away[0], -1.0, 1.0))),
        pitch_deg=_degrees(np.arctan2(away[1], away[2])),
        roll_deg=_degrees(np.arctan2(down[0], across[0])),
    )


def _degrees(angle: float) -> float:
    return round(float(np.degrees(angle)), 1)
