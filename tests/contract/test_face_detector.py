"""The face detector as a process: frames in at a real broker, states and crops out."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from calmloop.base.clock import host_boot_id
from calmloop.camera.picture import encode_jpeg
from calmloop.contract.messages.chair import Applied
from calmloop.service.runtime import EXIT_CONFIGURATION
from calmloop.simulated_child import MoodPin, SimulatedChild
from tests.broker import Broker
from tests.processes import CHAIR, Client, start_service

FRAME = f"calmloop/{CHAIR}/camera/frame"
STATE = f"calmloop/{CHAIR}/face/state"
MOVEMENT = f"calmloop/{CHAIR}/movement/state"
CHAIR_STATE = f"calmloop/{CHAIR}/chair/state"
CROP = f"calmloop/{CHAIR}/face/crop"
REJECTED = f"calmloop/{CHAIR}/rejected"


@pytest.fixture
def client(broker: Broker, tmp_path: Path) -> Iterator[Client]:
    """A client beside a running face detector, subscribed to what it says."""
    with start_service("face_detector", broker, tmp_path), Client(broker) as connected:
        connected.subscribe(f"calmloop/{CHAIR}/face/#")
        connected.subscribe(REJECTED)
        connected.subscribe(MOVEMENT)
        yield connected


def header(number: int, size: tuple[int, int], **more: Any) -> dict[str, Any]:
    """Of a frame whose camera takes twelve a second."""
    captured_ns = 10**12 + round(number * 1e9 / 12)
    height_px, width_px = size
    return {
        "frame_seq": number,
        "captured_ns": captured_ns,
        "width_px": width_px,
        "height_px": height_px,
        **more,
    }


def show(client: Client, number: int, jpeg: bytes, size: tuple[int, int]) -> dict[str, Any]:
    """Publishes a frame and returns the state that answers it."""
    since = len(client.received)
    client.publish(FRAME, jpeg, header=header(number, size), qos=0)
    return client.wait_for(STATE, lambda body: body["frame_seq"] == number, since=since)


def child_jpegs(count: int) -> list[bytes]:
    child = SimulatedChild(seed=3, mood=MoodPin.POSITIVE)
    jpegs = []
    for number in range(count):
        child.live_until(number / 12, Applied())
        jpegs.append(encode_jpeg(child.draw(), 80))
    return jpegs


def test_a_drawn_child_is_found_and_its_crop_published(client: Client) -> None:
    jpegs = child_jpegs(40)
    states = [show(client, n, jpeg, (480, 640)) for n, jpeg in enumerate(jpegs)]
    assert sum("box" in state for state in states) >= 0.95 * len(jpegs)
    client.wait_for(CROP, lambda body: body["frame_seq"] == len(jpegs) - 1)
    crops = [message for message in client.received if message.name == CROP]
    assert [crop.body["frame_seq"] for crop in crops] == list(range(len(jpegs)))
    for crop, state in zip(crops, states, strict=True):
        assert len(crop.payload) == crop.body["size_px"] ** 2
        assert crop.body.get("track_id") == state.get("track_id")
        assert crop.body.get("reason") == state.get("reason")
        assert crop.body["captured_ns"] == state["captured_ns"]
        assert (len(crop.payload) > 0) == ("box" in state)
    picture = np.frombuffer(crops[-1].payload, np.uint8)
    assert picture.std() > 20


def test_a_real_clip_is_read_through_the_broker(client: Client, shared_dir: Path) -> None:
    capture = cv2.VideoCapture(str(shared_dir / "data/video/single_face.mp4"))
    states: list[dict[str, Any]] = []
    while (frame := capture.read())[0] and len(states) < 40:
        picture = np.asarray(frame[1], np.uint8)
        states.append(show(client, len(states), encode_jpeg(picture, 80), picture.shape[:2]))
    assert sum("box" in state for state in states) >= 0.9 * len(states)
    assert states[-1]["count"] == 1
    assert states[-1]["detector"].startswith("viola-jones")
    assert 150 < states[-1]["box"]["width_px"] < 250


def test_bad_frames_are_named_and_the_next_good_one_is_read(client: Client) -> None:
    jpegs = child_jpegs(6)
    assert show(client, 0, b"no picture at all", (480, 640))["reason"] == "bad_frame"
    assert show(client, 1, b"", (480, 640))["reason"] == "bad_frame"
    assert show(client, 2, jpegs[0][:500], (480, 640))["reason"] == "bad_frame"
    huge = bytearray(jpegs[0])
    begin = huge.index(b"\xff\xc0") + 5
    huge[begin : begin + 4] = (30000).to_bytes(2, "big") * 2
    assert show(client, 3, bytes(huge), (480, 640))["reason"] == "bad_frame"
    client.publish(FRAME, jpegs[0], qos=0)
    assert "header" in client.wait_for(REJECTED)["reason"]
    client.publish(FRAME, jpegs[0], header={"frame_seq": "three"}, qos=0)
    refusal = client.wait_for(REJECTED, lambda body: "frame_seq" in body["reason"])
    assert "head" not in refusal or refusal["head"] == ""
    answers = [show(client, 4 + n, jpeg, (480, 640)) for n, jpeg in enumerate(jpegs)]
    assert "box" in answers[-1]


def test_a_burst_is_answered_with_its_newest_frame_and_the_rest_counted(client: Client) -> None:
    jpeg = child_jpegs(1)[0]
    for number in range(60):
        client.publish(FRAME, jpeg, header=header(number, (480, 640)), qos=0)
    last = client.wait_for(STATE, lambda body: body["frame_seq"] == 59)
    answered = [body["frame_seq"] for body in client.bodies(STATE)]
    assert answered == sorted(answered)
    assert last["skipped"] == 60 - len(answered)


def test_a_frame_that_was_queued_for_long_is_not_read(client: Client) -> None:
    jpeg = child_jpegs(1)[0]
    born_ns = time.monotonic_ns() - 3 * 10**9
    old = header(1, (480, 640), host_boot_id=host_boot_id(), at_ns=born_ns)
    client.publish(FRAME, jpeg, header=old, qos=0)
    show(client, 2, jpeg, (480, 640))
    assert [body["frame_seq"] for body in client.bodies(STATE)] == [2]


def test_yunet_takes_its_place_by_a_setting(
    broker: Broker, tmp_path: Path, shared_dir: Path
) -> None:
    process = start_service(
        "face_detector",
        broker,
        tmp_path,
        FACE_DETECTOR__BACKEND="yunet",
        FACE_DETECTOR__YUNET__MODEL=str(shared_dir / "data/models/yunet_n_320_320.onnx"),
    )
    with process, Client(broker) as client:
        client.subscribe(STATE)
        states = [show(client, n, jpeg, (480, 640)) for n, jpeg in enumerate(child_jpegs(6))]
    assert states[-1]["detector"] == "yunet"
    assert "box" in states[-1]


def test_a_backend_without_its_model_ends_with_the_code_of_a_wrong_setting(
    broker: Broker, tmp_path: Path
) -> None:
    process = start_service(
        "face_detector", broker, tmp_path, ready=False, FACE_DETECTOR__BACKEND="yunet"
    )
    with process:
        assert process.wait() == EXIT_CONFIGURATION
    assert "face_detector.yunet.model" in process.log.read_text()


def test_a_mesh_that_is_no_mesh_ends_with_the_code_of_a_wrong_setting(
    broker: Broker, tmp_path: Path
) -> None:
    file = tmp_path / "face_landmark.tflite"
    file.write_bytes(b"no network")
    process = start_service(
        "face_detector", broker, tmp_path, ready=False, FACE_DETECTOR__MESH__MODEL=str(file)
    )
    with process:
        assert process.wait() == EXIT_CONFIGURATION
    log = process.log.read_text()
    assert "face_detector.mesh.model" in log
    assert "face_landmark.tflite of the package mediapipe" in log


def test_a_mesh_tells_of_eyes_and_mouth(
    broker: Broker, tmp_path: Path, shared_dir: Path, face_landmark: Path
) -> None:
    capture = cv2.VideoCapture(str(shared_dir / "data" / "video" / "single_face.mp4"))
    jpegs = [encode_jpeg(np.asarray(capture.read()[1], np.uint8), 80) for _ in range(12)]
    model = str(face_landmark)
    service = start_service("face_detector", broker, tmp_path, FACE_DETECTOR__MESH__MODEL=model)
    with service, Client(broker) as client:
        client.subscribe(STATE)
        states = [show(client, n, jpeg, (360, 640)) for n, jpeg in enumerate(jpegs)]
    told = [state for state in states if "mesh" in state]
    assert len(told) >= 8
    assert {state["eyes_closed"] for state in told} == {False}
    assert all(0.0 <= state["mesh"]["age_s"] <= 0.25 for state in told)
    assert all(abs(state["head_pose"]["yaw_deg"]) < 5 for state in told)


@pytest.mark.alone
@pytest.mark.slow
def test_movement_is_told_five_times_a_second_whether_pictures_come_or_not(client: Client) -> None:
    client.wait_for(MOVEMENT, lambda body: body.get("reason") == "no_picture")
    jpegs = child_jpegs(60)
    began_s, since = time.monotonic(), len(client.received)
    for number, jpeg in enumerate(jpegs):
        due_s = began_s + number / 12
        client.publish(CHAIR_STATE, b'{"mode": "active", "applied": {"vibration_pct": 20}}', qos=0)
        client.publish(FRAME, jpeg, header=header(number, (480, 640), camera_kind="simulated"))
        time.sleep(max(0.0, due_s + 1 / 12 - time.monotonic()))
    seconds = time.monotonic() - began_s
    said = [message.body for message in client.received[since:] if message.name == MOVEMENT]
    assert len(said) / seconds == pytest.approx(5.0, abs=0.5)
    last = said[-1]
    assert "reason" not in last
    assert 0.0 <= last["log_energy"] < 1.5
    assert last["energy"] >= last["vibration"] >= 0.0
    assert last["vibration_pct"] == 20
    assert last["camera_kind"] == "simulated"
    assert last["age_s"] < 1.0
    assert last["frame_seq"] > 40
    gone = client.wait_for(MOVEMENT, lambda body: body.get("frame_seq") == 59 and "reason" in body)
    assert gone["reason"] == "no_picture"
    assert "energy" not in gone


def test_the_same_face_keeps_its_id_and_its_absence_is_told(client: Client) -> None:
    jpegs = child_jpegs(12)
    blank = encode_jpeg(np.full((480, 640, 3), 120, np.uint8), 80)
    shown = [*jpegs, *[blank] * 12, *jpegs]
    states = [show(client, n, jpeg, (480, 640)) for n, jpeg in enumerate(shown)]
    assert states[0]["presence"] == "absent"
    assert len({state["track_id"] for state in states[3:]}) == 1
    assert (states[11]["presence"], states[20]["presence"]) == ("here", "lost")
    assert states[-1]["presence"] == "here"
    assert 1.0 <= states[-1]["unseen_s"] <= 1.5
    assert "unseen_s" not in states[11]
    assert "eyes_closed" not in states[11]
