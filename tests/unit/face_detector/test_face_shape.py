"""What points of a face tell, by points whose head, turn and lids are known."""

import numpy as np
import pytest

from calmloop.face_detector.face_shape import (
    EYES,
    HEAD,
    MAX_RATIO,
    MIN_PRESENCE,
    MOUTH,
    Points,
    aspect_ratio,
    rigid_pose,
    shape_of,
)
from calmloop.face_detector.geometry import Square
from calmloop.face_detector.mesh import SIDE_PX, MeshFraming

SURE = MIN_PRESENCE + 1.0
SHUT, HALF, OPEN = 0.14, 0.21, 0.3


def head(eyes: float = OPEN, mouth: float = 0.1) -> Points:
    """A usual head that looks ahead, with eyes and mouth open so far, in their widths."""
    points = np.zeros((468, 3))
    for index, place in HEAD.items():
        points[index] = place
    points[MOUTH[0]], points[MOUTH[1]] = (-0.3, 1.0, -0.3), (0.3, 1.0, -0.3)
    for opening, ratio in ((EYES[0], eyes), (EYES[1], eyes), (MOUTH, mouth)):
        left, right, gaps = opening[0], opening[1], opening[2:]
        middle = (points[left] + points[right]) / 2
        half = ratio * np.linalg.norm(points[right] - points[left]) / 2
        for up, down in gaps:
            points[up], points[down] = middle, middle
            points[up, 1] -= half
            points[down, 1] += half
    return points


def turned(points: Points, yaw_deg: float, pitch_deg: float, roll_deg: float) -> Points:
    """The same head, turned, nodded and tilted, somewhere in a picture."""
    yaw, pitch, roll = np.radians([yaw_deg, pitch_deg, roll_deg])
    nod = np.array(
        [[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]]
    )
    turn = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    tilt = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    return np.asarray(points @ nod.T @ turn.T @ tilt.T * 70.0 + [320.0, 180.0, 0.0], np.float64)


@pytest.mark.parametrize("yaw_deg", [-60, -20, 0, 45])
@pytest.mark.parametrize("pitch_deg", [-20, 0, 20])
def test_the_pose_of_a_turned_and_nodding_head_is_found(yaw_deg: float, pitch_deg: float) -> None:
    pose = rigid_pose(turned(head(), yaw_deg, pitch_deg, 0.0))
    assert pose is not None
    assert pose.yaw_deg == pytest.approx(yaw_deg, abs=0.2)
    assert pose.pitch_deg == pytest.approx(pitch_deg, abs=0.2)


@pytest.mark.parametrize("roll_deg", [-30, 0, 20])
def test_the_tilt_of_a_head_is_found(roll_deg: float) -> None:
    pose = rigid_pose(turned(head(), 0.0, 0.0, roll_deg))
    assert pose is not None
    assert pose.roll_deg == pytest.approx(roll_deg, abs=0.2)


def test_the_back_of_a_head_has_no_pose() -> None:
    assert rigid_pose(turned(head(), 170.0, 0.0, 0.0)) is None


@pytest.mark.parametrize("yaw_deg", [-20, 0, 20])
@pytest.mark.parametrize(("eyes", "closed"), [(SHUT, True), (HALF, None), (OPEN, False)])
def test_lids_are_told_unless_they_are_half_closed(
    yaw_deg: float, eyes: float, closed: bool | None
) -> None:
    shape = shape_of(turned(head(eyes), yaw_deg, 0.0, 10.0), SURE)
    assert shape is not None
    assert shape.eyes_closed is closed
    assert shape.eye_aspect_ratio == pytest.approx(eyes, abs=0.01)


@pytest.mark.parametrize(("yaw_deg", "pitch_deg"), [(35, 0), (-35, 0), (0, 35), (0, -35)])
def test_of_a_head_turned_far_lids_are_not_told(yaw_deg: float, pitch_deg: float) -> None:
    shape = shape_of(turned(head(SHUT), yaw_deg, pitch_deg, 0.0), SURE)
    assert shape is not None
    assert shape.eyes_closed is None
    assert abs(shape.pose.yaw_deg - yaw_deg) < 1


def test_where_the_network_is_not_sure_of_a_face_nothing_is_told() -> None:
    assert shape_of(head(SHUT), MIN_PRESENCE - 0.1) is None
    assert shape_of(np.zeros((468, 3)), -np.inf) is None


def test_an_open_mouth_has_the_ratio_of_its_gap() -> None:
    shape = shape_of(turned(head(mouth=0.6), 20.0, 0.0, 0.0), SURE)
    assert shape is not None
    assert shape.mouth_aspect_ratio == pytest.approx(0.6, abs=0.01)


def test_points_on_one_spot_have_a_ratio_within_bounds() -> None:
    assert aspect_ratio(np.zeros((468, 3)), *MOUTH) == 0.0
    points = np.zeros((468, 3))
    points[MOUTH[2][0]] = (0.0, 50.0, 0.0)
    assert aspect_ratio(points, *MOUTH) == MAX_RATIO


@pytest.mark.parametrize("roll_deg", [-40.0, 0.0, 25.0])
def test_what_is_cut_by_the_points_is_upright_and_leads_back_to_the_frame(roll_deg: float) -> None:
    seen = turned(head(), 0.0, 0.0, roll_deg)[list(HEAD)]
    points = np.zeros((468, 3)) + seen.mean(axis=0)
    points[list(HEAD)] = seen
    framing = MeshFraming.around(points)
    assert framing.roll_deg == pytest.approx(roll_deg, abs=0.5)
    corners = np.array([[0, 0, 0], [SIDE_PX, SIDE_PX, 0], [SIDE_PX / 2, SIDE_PX / 2, 9.0]])
    first, last, middle = framing.to_frame(corners)
    assert np.linalg.norm(last - first) == pytest.approx(framing.square.side * np.sqrt(2))
    assert middle[:2] == pytest.approx([framing.square.x, framing.square.y])
    plain = MeshFraming(Square(100.0, 50.0, 96.0), 90.0).to_frame(np.array([[SIDE_PX, 96.0, 20.0]]))
    assert plain[0] == pytest.approx([100.0, 98.0, 10.0])
