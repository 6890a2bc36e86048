"""Where points are in a picture: poses, surfaces' normals and the camera."""

from dataclasses import dataclass

import numpy as np

from calmloop.synth.mesh import Floats, Ints

DISTANCE = 10.0
"""From the camera to the head in decimetres."""


@dataclass(frozen=True)
class Posture:
    """How the head is held, with the signs of the contract's `HeadPose`."""

    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0


FRONTAL = Posture()


def project(points: Floats, target: Floats, scale: float, side: int) -> Floats:
    """Pixels to the right and down, and the nearness in decimetres."""
    off = points - target
    nearer = DISTANCE / (DISTANCE - off[:, 2])
    x = side / 2 + scale * off[:, 0] * nearer
    y = side / 2 - scale * off[:, 1] * nearer
    return np.stack([x, y, off[:, 2]], 1).astype(np.float32)


def rotation(pose: Posture) -> Floats:
    """The matrix (3, 3) of a pose: turned first, then nodded, then tilted."""
    yaw, pitch, roll = np.radians([pose.yaw_deg, pose.pitch_deg, -pose.roll_deg])
    about_y = [[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]]
    about_x = [[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]]
    about_z = [[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]]
    return np.asarray(np.array(about_z) @ about_x @ about_y, np.float32)


def turned(vectors: Floats, turn: Floats, share: Floats) -> Floats:
    """Vectors (N, 3) turned, each by its share (N, 1): the body stays."""
    return np.asarray(vectors + share * (vectors @ turn.T - vectors), np.float32)


def normals_of(points: Floats, triangles: Ints) -> Floats:
    """Unit normals (V, 3) at the points (V, 3), zero where no triangle is."""
    one, two, three = (points[triangles[:, k]] for k in range(3))
    flat = np.cross(two - one, three - one)
    total = np.zeros_like(points)
    for axis in range(3):
        for k in range(3):
            total[:, axis] += np.bincount(triangles[:, k], flat[:, axis], len(points))
    length = np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-9)
    return np.asarray(total / length, np.float32)
