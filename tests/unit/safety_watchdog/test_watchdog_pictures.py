"""Only a camera that shows the child in the chair may steer a chair that is not simulated."""

import pytest

from calmloop.contract.messages.base import SignalKind
from calmloop.contract.messages.chair import CalibrationOrigin
from calmloop.contract.messages.safety import AlarmKind
from calmloop.contract.topics import Account
from tests.unit.safety_watchdog.harness import Harness, active_harness, ready_harness

NOT_LIVE = AlarmKind.CAMERA_NOT_LIVE
REAL = (CalibrationOrigin.NONE, CalibrationOrigin.MEASURED)
WORDS = {SignalKind.RECORDED: "plays a recording", SignalKind.SIMULATED: "a simulated child"}


def harness_with(calibration: CalibrationOrigin) -> Harness:
    harness = Harness()
    harness.chair["calibration"] = calibration
    harness.play(2.0)
    assert harness.reset() is None
    return harness


@pytest.mark.parametrize("calibration", REAL)
@pytest.mark.parametrize("kind", WORDS)
def test_a_real_chair_gets_no_lease_beside_a_camera_that_is_not_live(
    calibration: CalibrationOrigin, kind: SignalKind
) -> None:
    harness = harness_with(calibration)
    harness.camera_says(camera_kind=kind)

    assert harness.report_chair() is None
    assert WORDS[kind] in harness.watchdog.withheld()[0]
    assert "set camera.source" in harness.watchdog.stop_state().withheld[0]
    harness.play(3.0)
    assert WORDS[kind] in harness.alarms[NOT_LIVE].text


@pytest.mark.parametrize("kind", WORDS)
def test_frames_say_it_too_whatever_the_camera_says(kind: SignalKind) -> None:
    harness = harness_with(CalibrationOrigin.MEASURED)
    harness.camera_says(camera_kind=SignalKind.LIVE)
    harness.camera_kind = kind
    harness.play(0.2)

    assert harness.report_chair() is None
    harness.camera_kind = SignalKind.LIVE
    harness.play(0.2)
    assert harness.report_chair() is not None


@pytest.mark.parametrize("kind", SignalKind)
def test_a_simulated_chair_may_have_any_camera(kind: SignalKind) -> None:
    harness = harness_with(CalibrationOrigin.SIMULATED)
    harness.camera_kind = kind
    harness.camera_says(camera_kind=kind)
    harness.play(5.0)

    assert harness.report_chair() is not None
    assert NOT_LIVE not in harness.alarms


@pytest.mark.parametrize("calibration", CalibrationOrigin)
def test_a_live_camera_may_steer_any_chair(calibration: CalibrationOrigin) -> None:
    harness = harness_with(calibration)
    harness.camera_says(camera_kind=SignalKind.LIVE)
    harness.play(5.0)

    assert harness.report_chair() is not None
    assert NOT_LIVE not in harness.alarms


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
    harness = harness_with(CalibrationOrigin.MEASURED)
    harness.camera_kind = None
    harness.camera_says(origin=origin)
    harness.play(3.0)

    assert (harness.report_chair() is not None) is may


def test_what_a_camera_said_ends_with_its_beats() -> None:
    """The broker keeps the word of one that is gone: it steers nothing any more."""
    harness = harness_with(CalibrationOrigin.MEASURED)
    harness.camera_says(camera_kind=SignalKind.SIMULATED)
    assert harness.report_chair() is None
    harness.silent |= {Account.CAMERA, "face"}
    harness.play(2.0)

    assert harness.report_chair() is not None


def test_the_word_of_one_camera_is_not_taken_for_another() -> None:
    harness = harness_with(CalibrationOrigin.MEASURED)
    harness.camera_says("a", camera_kind=SignalKind.SIMULATED)
    harness.camera_says("b", camera_kind=SignalKind.LIVE)

    assert harness.report_chair() is None


def test_in_a_session_it_latches_at_once() -> None:
    harness = active_harness()
    harness.camera_says(camera_kind=SignalKind.SIMULATED)
    harness.turn()

    assert harness.latched
    assert "simulated child" in harness.watchdog.stop_state().cause


def test_a_chair_that_has_not_said_what_it_is_yet_calls_nobody() -> None:
    harness = Harness()
    harness.chair |= {"identified": False, "calibration": CalibrationOrigin.NONE}
    harness.camera_says(camera_kind=SignalKind.SIMULATED)
    harness.play(2.5)
    harness.chair |= {"identified": True, "calibration": CalibrationOrigin.SIMULATED}
    harness.play(5.0)

    assert NOT_LIVE not in harness.alarms
    assert harness.watchdog.blockers() == ()


def test_it_is_over_when_the_right_camera_is_there_and_a_person_has_seen_it() -> None:
    harness = ready_harness()
    harness.camera_says(camera_kind=SignalKind.SIMULATED)
    harness.play(3.0)
    harness.camera_says(camera_kind=SignalKind.LIVE)
    harness.play(1.0)
    assert harness.report_chair() is not None
    assert NOT_LIVE in harness.active_alarms()

    harness.watchdog.alarms.acknowledge(NOT_LIVE)
    harness.play(0.2)
    assert NOT_LIVE not in harness.active_alarms()
