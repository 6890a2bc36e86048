"""The camera as a process on a real broker: frames, state, privacy, loss and return."""

import json
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import pytest

from calmloop import topics
from calmloop.messages.camera import CameraState, FrameHeader
from tests.broker import Broker
from tests.processes import CHAIR, Client, ServiceProcess, start_service

FRAME = topics.CAMERA_FRAME.name(CHAIR)
STATE = topics.CAMERA_STATE.name(CHAIR)
SET = topics.CAMERA_SET.name(CHAIR)
REJECTED = topics.REJECTED.name(CHAIR)
ALL = f"calmloop/{CHAIR}/#"
FPS = 20.0


def noisy_jpeg(rng: np.random.Generator) -> bytes:
    picture = rng.integers(0, 60, (240, 320, 3), np.uint8)
    return cv2.imencode(".jpg", picture)[1].tobytes()


class MjpegStreamer:
    """A network camera of the test: MJPEG over HTTP or plain TCP; can hang, go and come back."""

    def __init__(self, scheme: str, port: int = 0) -> None:
        self._scheme = scheme
        self._server = socket.create_server(("127.0.0.1", port))
        self.port: int = self._server.getsockname()[1]
        self._gone = threading.Event()
        self._flowing = threading.Event()
        self._stuck = threading.Event()
        self._flowing.set()
        self.hung_up = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def hang(self) -> None:
        """Keeps the connection and sends nothing any more."""
        self._flowing.clear()

    def stick(self) -> None:
        """Goes on, with one and the same picture."""
        self._stuck.set()

    def flow(self) -> None:
        self._flowing.set()
        self._stuck.clear()

    def close(self) -> None:
        self._gone.set()
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while not self._gone.is_set():
            with suppress(OSError):
                client, _ = self._server.accept()
                self.hung_up.clear()
                try:
                    with client:
                        self._stream_to(client)
                finally:
                    self.hung_up.set()

    def _stream_to(self, client: socket.socket) -> None:
        rng = np.random.default_rng(1)
        if self._scheme == "http":
            client.recv(4096)
            client.sendall(
                b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=F\r\n\r\n"
            )
        client.settimeout(0.2)
        jpeg = noisy_jpeg(rng)
        while not self._gone.wait(1 / FPS):
            if not self._flowing.is_set():
                if _has_left(client):
                    return
                continue
            if not self._stuck.is_set():
                jpeg = noisy_jpeg(rng)
            head = b"--F\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg)
            client.sendall(head + jpeg + b"\r\n" if self._scheme == "http" else jpeg)


def _has_left(client: socket.socket) -> bool:
    try:
        return client.recv(1) == b""
    except TimeoutError:
        return False


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


def state_is(condition: str, **fields: object) -> "StateMatch":
    return StateMatch(condition, fields)


class StateMatch:
    def __init__(self, condition: str, fields: dict[str, object]) -> None:
        self._wanted = {"condition": condition, **fields}

    def __call__(self, body: dict[str, object]) -> bool:
        return all(body.get(key) == value for key, value in self._wanted.items())


def holds_open(process: ServiceProcess, path: Path) -> bool:
    """Whether the process has the file open, by the kernel's own account."""
    links: list[Path] = []
    for fd in Path(f"/proc/{process.pid}/fd").iterdir():
        with suppress(OSError):
            links.append(fd.readlink())
    return path in links


def frames_since(listener: Client, mark: int) -> int:
    return sum(message.name == FRAME for message in listener.received[mark:])


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


@pytest.mark.parametrize("scheme", ["http", "tcp"])
def test_a_stream_that_goes_away_is_reported_within_2_s_and_read_again_when_it_returns(
    broker: Broker, listener: Client, tmp_path: Path, scheme: str
) -> None:
    streamer = MjpegStreamer(scheme)
    url = f"{scheme}://anna:secret@127.0.0.1:{streamer.port}/video?key=secret"
    with start_service("camera", broker, tmp_path, CAMERA__SOURCE=url) as camera:
        listener.wait_for(FRAME)
        mark, gone_s = len(listener.received), time.monotonic()
        streamer.close()
        state = listener.wait_for(STATE, state_is("lost"), since=mark)
        took_s = time.monotonic() - gone_s
        print(f"loss of {scheme} reported after {took_s:.2f} s: {state['reason']}")
        assert took_s < 2.0
        mark = len(listener.received)
        streamer = MjpegStreamer(scheme, streamer.port)
        listener.wait_for(STATE, state_is("streaming"), since=mark)
        listener.wait_for(FRAME, since=mark)
        assert camera.running
    streamer.close()
    said = json.dumps(listener.bodies(STATE)) + camera.log.read_text()
    assert "secret" not in said
    assert "anna" not in said


def test_a_stream_that_hangs_is_reported_within_2_s_and_flows_again(
    broker: Broker, listener: Client, tmp_path: Path
) -> None:
    streamer = MjpegStreamer("http")
    url = f"http://127.0.0.1:{streamer.port}/video"
    with start_service("camera", broker, tmp_path, CAMERA__SOURCE=url):
        listener.wait_for(FRAME)
        mark, hung_s = len(listener.received), time.monotonic()
        streamer.hang()
        listener.wait_for(STATE, state_is("lost"), since=mark)
        took_s = time.monotonic() - hung_s
        print(f"a hanging stream reported after {took_s:.2f} s")
        assert took_s < 2.0
        mark = len(listener.received)
        streamer.flow()
        listener.wait_for(FRAME, timeout_s=20.0, since=mark)
    streamer.close()


def test_a_frozen_picture_is_reported_and_held_back(
    broker: Broker, listener: Client, tmp_path: Path
) -> None:
    streamer = MjpegStreamer("tcp")
    url = f"tcp://127.0.0.1:{streamer.port}"
    with start_service("camera", broker, tmp_path, CAMERA__SOURCE=url, CAMERA__FROZEN_AFTER_S="1"):
        listener.wait_for(FRAME)
        streamer.stick()
        state = listener.wait_for(STATE, state_is("frozen"))
        assert "same picture for 1 s" in state["reason"]
        mark = len(listener.received)
        heartbeat = f"calmloop/{CHAIR}/service/camera/test/heartbeat"
        listener.wait_for(heartbeat, lambda beat: not beat["healthy"], since=mark)
        assert frames_since(listener, mark) == 0
        streamer.flow()
        listener.wait_for(STATE, state_is("streaming"), since=mark)
        listener.wait_for(FRAME, since=mark)
    streamer.close()


def test_the_privacy_switch_hangs_up_on_a_stream(
    broker: Broker, listener: Client, tmp_path: Path
) -> None:
    streamer = MjpegStreamer("tcp")
    url = f"tcp://127.0.0.1:{streamer.port}"
    with start_service("camera", broker, tmp_path, CAMERA__SOURCE=url):
        listener.wait_for(FRAME)
        listener.publish(SET, {"enabled": False})
        listener.wait_for(STATE, state_is("off"))
        assert streamer.hung_up.wait(5.0)
    streamer.close()


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


def test_sigint_ends_it_as_sigterm_does_while_a_stream_hangs(
    broker: Broker, listener: Client, tmp_path: Path
) -> None:
    streamer = MjpegStreamer("http")
    url = f"http://127.0.0.1:{streamer.port}/video"
    with start_service("camera", broker, tmp_path, CAMERA__SOURCE=url) as camera:
        listener.wait_for(FRAME)
        streamer.hang()
        camera.signal(signal.SIGINT)
        assert camera.wait(10.0) == 0
    streamer.close()


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
