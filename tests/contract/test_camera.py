"""The camera as a process on a real broker: frames, state, the privacy switch, files."""

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import pytest

from calmloop.contract.messages.camera import CameraState, FrameHeader
from tests.broker import Broker
from tests.contract.camera_servers import (
    ALL,
    FPS,
    FRAME,
    REJECTED,
    SET,
    STATE,
    frames_since,
    state_is,
)
from tests.processes import CHAIR, Client, ServiceProcess, start_service


@pytest.fixture
def listener(broker: Broker) -> Iterator[Client]:
    with Client(broker) as client:
        client.subscribe(ALL)
        yield client


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), FPS, (800, 600))
    for shade in range(0, 200, 10):
        writer.write(np.full((600, 800, 3), shade, np.uint8))
    writer.release()
    return path


def holds_open(process: ServiceProcess, path: Path) -> bool:
    """Whether the process has the file open, by the kernel's own account."""
    links: list[Path] = []
    for fd in Path(f"/proc/{process.pid}/fd").iterdir():
        with suppress(OSError):
            links.append(fd.readlink())
    return path in links


def test_frames_come_with_their_headers_and_end_with_sigterm(
    broker: Broker, listener: Client, clip: Path, tmp_path: Path
) -> None:
    with start_service("camera", broker, tmp_path, CAMERA__SOURCE=str(clip)) as camera:
        listener.wait_for(FRAME, lambda header: header["frame_seq"] >= 10)
        state = listener.wait_for(STATE, state_is("streaming", enabled=True))
        CameraState.model_validate(state)
        frames = [message for message in listener.received if message.name == FRAME]
        for message in frames:
            header = FrameHeader.model_validate(message.body)
            age_s = message.at_s - header.captured_ns / 1e9
            assert 0.0 <= age_s < 1.0
            assert (header.width_px, header.height_px) == (640, 480)
            picture = cv2.imdecode(np.frombuffer(message.payload, np.uint8), cv2.IMREAD_COLOR)
            assert picture is not None
            assert picture.shape == (480, 640, 3)
        numbers = [message.body["frame_seq"] for message in frames]
        assert numbers == sorted(set(numbers))
        assert not any(message.retain for message in frames)
        assert camera.terminate() == 0
    assert "Traceback" not in camera.log.read_text()


def test_the_state_is_retained_for_a_newcomer(
    broker: Broker, listener: Client, clip: Path, tmp_path: Path
) -> None:
    with start_service("camera", broker, tmp_path, CAMERA__SOURCE=str(clip)):
        listener.wait_for(STATE, state_is("streaming"))
        with Client(broker) as newcomer:
            newcomer.subscribe(STATE)
            state = newcomer.wait_for(STATE, state_is("streaming"))
            assert state["origin"] == str(clip)
            assert newcomer.received[0].retain


def test_the_privacy_switch_closes_the_device_itself_and_opens_it_again(
    broker: Broker, listener: Client, clip: Path, tmp_path: Path
) -> None:
    with start_service("camera", broker, tmp_path, CAMERA__SOURCE=str(clip)) as camera:
        listener.wait_for(STATE, state_is("streaming"))
        assert holds_open(camera, clip)
        asked_s = time.monotonic()
        listener.publish(SET, {"enabled": False})
        listener.wait_for(STATE, state_is("off", enabled=False))
        print(f"camera off after {(time.monotonic() - asked_s) * 1e3:.0f} ms")
        assert not holds_open(camera, clip)
        mark = len(listener.received)
        heartbeat = f"calmloop/{CHAIR}/service/camera/test/heartbeat"
        for _ in range(2):
            listener.wait_for(heartbeat, since=len(listener.received))
        assert frames_since(listener, mark) == 0
        mark = len(listener.received)
        listener.publish(SET, {"enabled": True})
        listener.wait_for(STATE, state_is("streaming", enabled=True), since=mark)
        listener.wait_for(FRAME, since=mark)
        assert holds_open(camera, clip)


def test_the_privacy_switch_survives_a_restart(
    broker: Broker, listener: Client, clip: Path, tmp_path: Path
) -> None:
    with start_service("camera", broker, tmp_path, CAMERA__SOURCE=str(clip)) as camera:
        listener.wait_for(FRAME)
        listener.publish(SET, {"enabled": False})
        listener.wait_for(STATE, state_is("off"))
        camera.kill()
    mark = len(listener.received)
    with start_service("camera", broker, tmp_path, CAMERA__SOURCE=str(clip)) as camera:
        listener.wait_for(STATE, state_is("off", enabled=False), since=mark)
        assert not holds_open(camera, clip)
        assert frames_since(listener, mark) == 0


GARBAGE = (
    b"",
    b"off",
    b"{}",
    b'{"enabled": "perhaps"}',
    b'{"enabled": true, "extra": 1}',
    b'{"enabled": null}',
    b"\xff\x00" * 500,
    b"[" * 10000,
)


def test_garbage_on_the_switch_is_refused_and_changes_nothing(
    broker: Broker, listener: Client, clip: Path, tmp_path: Path
) -> None:
    with start_service("camera", broker, tmp_path, CAMERA__SOURCE=str(clip)) as camera:
        listener.wait_for(FRAME)
        for payload in GARBAGE:
            mark = len(listener.received)
            listener.publish(SET, payload)
            assert listener.wait_for(REJECTED, since=mark)["topic"] == SET
        listener.wait_for(FRAME, since=len(listener.received))
        assert all(body["enabled"] for body in listener.bodies(STATE))
        assert camera.running


def test_a_retained_switch_is_refused(
    broker: Broker, listener: Client, clip: Path, tmp_path: Path
) -> None:
    listener.publish(SET, {"enabled": False}, retain=True)
    with start_service("camera", broker, tmp_path, CAMERA__SOURCE=str(clip)):
        assert "retained" in listener.wait_for(REJECTED)["reason"]
        listener.wait_for(FRAME)


def test_a_missing_file_is_reported_and_played_when_it_appears(
    broker: Broker, listener: Client, clip: Path, tmp_path: Path
) -> None:
    later = tmp_path / "later.mp4"
    with start_service("camera", broker, tmp_path, CAMERA__SOURCE=str(later)):
        state = listener.wait_for(STATE, state_is("lost"))
        assert "check camera.source" in state["reason"]
        clip.rename(later)
        listener.wait_for(FRAME, timeout_s=20.0)


def test_a_clip_played_once_ends_and_the_service_lives_on(
    broker: Broker, listener: Client, clip: Path, tmp_path: Path
) -> None:
    with start_service(
        "camera", broker, tmp_path, CAMERA__SOURCE=str(clip), CAMERA__PLAYBACK="once"
    ) as camera:
        listener.wait_for(STATE, state_is("ended"))
        assert not holds_open(camera, clip)
        heartbeat = f"calmloop/{CHAIR}/service/camera/test/heartbeat"
        assert listener.wait_for(heartbeat, since=len(listener.received))["healthy"]


def test_the_simulated_child_sends_pictures_at_the_set_rate(
    broker: Broker, listener: Client, tmp_path: Path
) -> None:
    with start_service("camera", broker, tmp_path, CAMERA__SOURCE="sim", CAMERA__FPS="10"):
        first = listener.wait_for(FRAME)
        later = listener.wait_for(FRAME, lambda h: h["frame_seq"] >= first["frame_seq"] + 30)
        passed_s = (later["captured_ns"] - first["captured_ns"]) / 1e9
        assert (later["frame_seq"] - first["frame_seq"]) / passed_s == pytest.approx(10, rel=0.15)


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("CAMERA__FPS", "31", "camera.fps"),
        ("CAMERA__JPEG_QUALITY", "100", "camera.jpeg_quality"),
        ("CAMERA__SOURCE", "ftp://anna:secret@127.0.0.1/x", "camera.source"),
        ("CAMERA__SPEED", "1", "SPEED"),
    ],
)
def test_a_wrong_setting_ends_it_with_exit_code_2_and_names_it(
    broker: Broker, tmp_path: Path, key: str, value: str, named: str
) -> None:
    camera = start_service("camera", broker, tmp_path, ready=False, **{key: value})
    assert camera.wait(20.0) == 2
    said = camera.log.read_text()
    assert named in said
    assert "secret" not in said
