"""What a mesh of landmarks says of synthetic children: what is asked for, what is tabled."""

from pathlib import Path

import pytest

from calmloop.annotate.choice import detector_with
from calmloop.contract.messages.face import HeadPose
from calmloop.face_detector import FaceShape, MeshNetwork, load_detector
from calmloop.synth import landmark_tables
from calmloop.synth.geometry import Posture
from calmloop.synth.landmarks import Case, Look, cases, looks
from calmloop.synth.mesh import Mesh
from calmloop.synth.scene import Studio

POSE = HeadPose(yaw_deg=17.0, pitch_deg=1.0, roll_deg=0.0)


def cells(table: object) -> list[list[str]]:
    columns = [list(column.cells) for column in table.columns]  # type: ignore[attr-defined]
    return [[str(cell) for cell in row] for row in zip(*columns, strict=True)]


def test_each_lid_is_asked_for_open_and_shut_and_each_case_once() -> None:
    asked = cases()
    assert len(set(asked)) == len(asked)
    shut = Case(closure=1.0).units
    assert shut["eye-*-closure"] == 1.0
    assert Case(mouth=0.5).units["mouth-open"] == 0.5
    assert {case.pose.yaw_deg for case in asked if case.closure == 1.0} >= {0, 15, -15, 30, -30}


def test_tables_count_what_is_said_and_how_far_off_a_pose_is() -> None:
    case = Case(Posture(yaw_deg=15), closure=1.0)
    shape = FaceShape(0.15, 0.1, POSE, eyes_closed=True)
    seen = [
        Look(case, True, shape, 20.0, HeadPose(yaw_deg=25, pitch_deg=0, roll_deg=0), 5.0),
        Look(case),
    ]
    assert cells(landmark_tables.eyes(seen))[0][1:] == ["2", "1", "0", "1", "0.15", "20.0"]
    assert ["yaw 15°", "1 of 2", "2.0", "1.0", "0.0", "1 of 2", "10.0", "0.0", "0.0"] in cells(
        landmark_tables.poses(seen)
    )
    assert len(list(landmark_tables.tables(seen))) == 5


@pytest.mark.slow
def test_of_a_drawn_child_shut_eyes_are_not_called_open_nor_open_ones_shut(
    mesh: Mesh, shared_dir: Path, face_landmark: Path
) -> None:
    yunet = shared_dir / "data" / "models" / "yunet_n_320_320.onnx"
    detector, network = load_detector(detector_with(yunet)), MeshNetwork(face_landmark)
    seen = list(looks(Studio(mesh, 192), detector, network, 1, seed=5))
    plain = [one for one in seen if one.case == Case(one.case.pose, one.case.closure)]
    assert False not in [one.eyes_closed for one in plain if one.case.closure == 1.0]
    assert True not in [one.eyes_closed for one in plain if one.case.closure == 0.0]
    turned = [one for one in plain if abs(one.case.pose.yaw_deg) == 30 and one.shape]
    assert len(turned) >= 8
    assert all(
        abs(one.shape.pose.yaw_deg - one.case.pose.yaw_deg) < 8 for one in turned if one.shape
    )
