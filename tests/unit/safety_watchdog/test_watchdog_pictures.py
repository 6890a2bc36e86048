"""Only a camera that shows the child in the chair may steer a chair that is not simulated."""

import pytest

from calmloop.contract.messages.base import CameraKind
from calmloop.contract.messages.chair import CalibrationOrigin
from calmloop.contract.messages.safety import AlarmKind
from calmloop.contract.topics import Account
from tests.unit.safety_watchdog.scene import Scene, active_scene, ready_scene

NOT_LIVE = AlarmKind.CAMERA_NOT_LIVE
REAL = (CalibrationOrigin.NONE, CalibrationOrigin.MEASURED)
WORDS = {CameraKind.RECORDED: "plays a recording", CameraKind.SIMULATED: "a simulated child"}


def scene_with(calibration: CalibrationOrigin) -> Scene:
    scene = Scene()
    scene.chair["calibration"] = calibration
    scene.play(2.0)
    assert scene.reset() is None
    return scene


@pytest.mark.parametrize("calibration", REAL)
@pytest.mark.parametrize("kind", WORDS)
def test_a_real_chair_gets_no_lease_beside_a_camera_that_is_not_live(
    calibration: CalibrationOrigin, kind: CameraKind
) -> None:
    scene = scene_with(calibration)
    scene.camera_says(camera_kind=kind)

    assert scene.report_chair() is None
    assert WORDS[kind] in scene.watchdog.withheld()[0]
    assert "set camera.source" in scene.watchdog.stop_state().withheld[0]
    scene.play(3.0)
    assert WORDS[kind] in scene.alarms[NOT_LIVE].text


@pytest.mark.parametrize("kind", WORDS)
def test_frames_say_it_too_whatever_the_camera_says(kind: CameraKind) -> None:
    scene = scene_with(CalibrationOrigin.MEASURED)
    scene.camera_says(camera_kind=CameraKind.LIVE)
    scene.camera_kind = kind
    scene.play(0.2)

    assert scene.report_chair() is None
    scene.camera_kind = CameraKind.LIVE
    scene.play(0.2)
    assert scene.report_chair() is not None


@pytest.mark.parametrize("kind", CameraKind)
def test_a_simulated_chair_may_have_any_camera(kind: CameraKind) -> None:
    scene = scene_with(CalibrationOrigin.SIMULATED)
    scene.camera_kind = kind
    scene.camera_says(camera_kind=kind)
    scene.play(5.0)

    assert scene.report_chair() is not None
    assert NOT_LIVE not in scene.alarms


@pytest.mark.parametrize("calibration", CalibrationOrigin)
def test_a_live_camera_may_steer_any_chair(calibration: CalibrationOrigin) -> None:
    scene = scene_with(calibration)
    scene.camera_says(camera_kind=CameraKind.LIVE)
    scene.play(5.0)

    assert scene.report_chair() is not None
    assert NOT_LIVE not in scene.alarms


@pytest.mark.parametrize(
    ("origin", "may"),
    [
        ("simulated child", False),
        ("/data/clip.mp4", False),
        ("pictures", False),
        ("", False),
        ("/dev/video0", True),
        ("rtsp://camera/1", True),
    ],
)
def test_an_older_camera_is_judged_by_what_it_names_as_its_origin(origin: str, may: bool) -> None:
    scene = scene_with(CalibrationOrigin.MEASURED)
    scene.camera_kind = None
    scene.camera_says(origin=origin)
    scene.play(3.0)

    assert (scene.report_chair() is not None) is may


def test_what_a_camera_said_ends_with_its_beats() -> None:
    """The broker keeps the word of one that is gone: it steers nothing any more."""
    scene = scene_with(CalibrationOrigin.MEASURED)
    scene.camera_says(camera_kind=CameraKind.SIMULATED)
    assert scene.report_chair() is None
    scene.silent |= {Account.CAMERA, "face"}
    scene.play(2.0)

    assert scene.report_chair() is not None


def test_the_word_of_one_camera_is_not_taken_for_another() -> None:
    scene = scene_with(CalibrationOrigin.MEASURED)
    scene.camera_says("a", camera_kind=CameraKind.SIMULATED)
    scene.camera_says("b", camera_kind=CameraKind.LIVE)

    assert scene.report_chair() is None


def test_in_a_session_it_latches_at_once() -> None:
    scene = active_scene()
    scene.camera_says(camera_kind=CameraKind.SIMULATED)
    scene.turn()

    assert scene.latched
    assert "simulated child" in scene.watchdog.stop_state().cause


def test_a_chair_that_has_not_said_what_it_is_yet_calls_nobody() -> None:
    scene = Scene()
    scene.chair |= {"identified": False, "calibration": CalibrationOrigin.NONE}
    scene.camera_says(camera_kind=CameraKind.SIMULATED)
    scene.play(2.5)
    scene.chair |= {"identified": True, "calibration": CalibrationOrigin.SIMULATED}
    scene.play(5.0)

    assert NOT_LIVE not in scene.alarms
    assert scene.watchdog.blockers() == ()


def test_it_is_over_when_the_right_camera_is_there_and_a_person_has_seen_it() -> None:
    scene = ready_scene()
    scene.camera_says(camera_kind=CameraKind.SIMULATED)
    scene.play(3.0)
    scene.camera_says(camera_kind=CameraKind.LIVE)
    scene.play(1.0)
    assert scene.report_chair() is not None
    assert NOT_LIVE in scene.active_alarms()

    scene.watchdog.alarms.acknowledge(NOT_LIVE)
    scene.play(0.2)
    assert NOT_LIVE not in scene.active_alarms()
