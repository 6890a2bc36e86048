"""The privacy switch: nothing is opened before it is known, and an off is never forgotten."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from calmloop.base.privacy_switch import SAVE_AGAIN_S
from calmloop.camera.switch import SETTLE_S
from calmloop.contract import topics
from calmloop.contract.messages.camera import CameraCondition, CameraSet
from tests.unit.camera.harness import Harness, retained_state


def test_the_device_stays_closed_until_the_switch_is_known(harness: Harness) -> None:
    for _ in range(round(SETTLE_S / 0.1) - 1):
        harness.turn()
    assert not harness.states
    assert not harness.frames()
    harness.until(lambda: harness.condition() is CameraCondition.STREAMING)


def test_without_a_broker_the_device_stays_closed(harness: Harness) -> None:
    harness.transport.connected = False
    for _ in range(30):
        harness.turn()
    assert not harness.frames()


def test_a_switch_that_was_left_off_stays_off(harness: Harness) -> None:
    retained_state(harness.transport, enabled=False)
    for _ in range(20):
        harness.turn()
    assert harness.condition() is CameraCondition.OFF
    assert not harness.states[-1].enabled
    assert not harness.frames()
    harness.transport.send(topics.CAMERA_SET, CameraSet(enabled=True))
    harness.until(lambda: harness.condition() is CameraCondition.STREAMING)


def test_a_switch_that_was_left_off_is_obeyed_however_late_it_comes(harness: Harness) -> None:
    harness.until(lambda: harness.frames() > 0)
    retained_state(harness.transport, enabled=False)
    harness.until(lambda: harness.condition() is CameraCondition.OFF)


def test_its_own_older_state_does_not_undo_a_command(harness: Harness) -> None:
    harness.transport.send(topics.CAMERA_SET, CameraSet(enabled=False))
    harness.turn()
    retained_state(harness.transport, enabled=True)
    for _ in range(10):
        harness.turn()
    assert harness.condition() is CameraCondition.OFF


def test_off_and_on_again_at_once_opens_anew(harness: Harness) -> None:
    harness.until(lambda: harness.frames() > 0)
    harness.transport.send(topics.CAMERA_SET, CameraSet(enabled=False))
    harness.transport.send(topics.CAMERA_SET, CameraSet(enabled=True))
    before = harness.frames()
    harness.until(lambda: harness.frames() > before + 3)
    assert harness.condition() is CameraCondition.STREAMING


def test_a_switch_that_was_left_off_outlasts_a_power_cut(tmp_path: Path) -> None:
    kept = tmp_path / "switch"
    for number, commands in enumerate(([False], [], [True], [])):
        harness = Harness(source="sim", switch_file=kept)
        for enabled in commands:
            harness.transport.send(topics.CAMERA_SET, CameraSet(enabled=enabled))
        expected = CameraCondition.OFF if number < 2 else CameraCondition.STREAMING
        harness.until(lambda harness=harness, expected=expected: harness.condition() is expected)  # type: ignore[misc]
        harness.service.close()


def test_a_damaged_switch_file_leaves_the_camera_off(tmp_path: Path) -> None:
    kept = tmp_path / "switch"
    kept.write_bytes(b"")
    harness = Harness(source="sim", switch_file=kept)
    harness.until(lambda: harness.condition() is CameraCondition.OFF)
    harness.service.close()


@pytest.mark.parametrize("name", [".", "..", "/", ""])
def test_a_switch_file_that_is_a_folder_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="name a file in it"):
        Harness(source="sim", switch_file=name)


def test_a_switch_that_cannot_be_saved_is_off_and_not_remembered(tmp_path: Path) -> None:
    kept = tmp_path / "volume" / "switch"
    kept.parent.mkdir()
    harness = Harness(source="sim", switch_file=kept)
    harness.until(lambda: harness.frames() > 0)
    kept.parent.rmdir()
    harness.transport.send(topics.CAMERA_SET, CameraSet(enabled=False))
    harness.until(lambda: harness.condition() is CameraCondition.OFF)
    health = harness.turn()
    assert harness.states[-1].reason.startswith("off, but not remembered: camera.switch_file")
    assert not health.healthy
    assert "not remembered" in health.waits_for
    kept.parent.mkdir()
    harness.clock.advance(SAVE_AGAIN_S)
    harness.until(lambda: harness.turn().healthy)
    assert kept.read_text() == "off\n"
    assert "not remembered" not in harness.states[-1].reason


def test_a_switch_that_cannot_be_remembered_begins_off(tmp_path: Path) -> None:
    harness = Harness(source="sim", switch_file=tmp_path / "not there" / "switch")
    harness.until(lambda: harness.condition() is CameraCondition.OFF)
    for _ in range(20):
        assert not harness.turn().healthy
    assert not harness.frames()
    harness.transport.send(topics.CAMERA_SET, CameraSet(enabled=True))
    harness.until(lambda: harness.frames() > 0)
    assert harness.states[-1].reason.startswith("on, but not remembered")
    harness.service.close()


def test_an_older_on_does_not_outlive_an_off_that_could_not_be_written(tmp_path: Path) -> None:
    kept = tmp_path / "switch"
    kept.write_text("on\n")
    harness = Harness(source="sim", switch_file=kept)
    (tmp_path / "switch.part").mkdir()  # nothing can be written beside it
    harness.transport.send(topics.CAMERA_SET, CameraSet(enabled=False))
    harness.until(lambda: harness.condition() is CameraCondition.OFF)
    (tmp_path / "switch.part").rmdir()
    again = Harness(source="sim", switch_file=kept)
    again.until(lambda: again.condition() is CameraCondition.OFF)
    assert not again.frames()


def test_a_retained_off_wins_over_a_file_that_says_on_before_any_picture(tmp_path: Path) -> None:
    kept = tmp_path / "switch"
    kept.write_text("on\n")
    harness = Harness(source="sim", switch_file=kept)
    retained_state(harness.transport, enabled=False)
    harness.until(lambda: harness.condition() is CameraCondition.OFF)
    assert not harness.frames()
