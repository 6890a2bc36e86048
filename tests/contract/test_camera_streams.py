"""The camera on a stream over the network: loss, silence, a frozen picture, and hanging up."""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.broker import Broker
from tests.contract.camera_servers import (
    ALL,
    FRAME,
    SET,
    STATE,
    MjpegStreamer,
    SnapshotServer,
    frames_since,
    noisy_jpeg,
    state_is,
)
from tests.processes import CHAIR, Client, start_service

pytestmark = pytest.mark.slow


@pytest.fixture
def listener(broker: Broker) -> Iterator[Client]:
    with Client(broker) as client:
        client.subscribe(ALL)
        yield client


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


SPOILT = {
    "cut": lambda jpeg: jpeg[: len(jpeg) * 2 // 5] + b"\xff\xd9",
    "text": lambda _: b"sensor error\n" * 20,
}


@pytest.mark.parametrize(("scheme", "kind"), [("http", "cut"), ("tcp", "cut"), ("http", "text")])
def test_pictures_that_are_not_whole_are_held_back_and_the_stream_is_opened_anew(
    broker: Broker, listener: Client, tmp_path: Path, scheme: str, kind: str
) -> None:
    streamer = MjpegStreamer(scheme)
    url = f"{scheme}://127.0.0.1:{streamer.port}/video"
    with start_service("camera", broker, tmp_path, CAMERA__SOURCE=url):
        listener.wait_for(FRAME)
        assert streamer.clients == 1
        streamer.spoil(SPOILT[kind])
        mark, spoilt_s = len(listener.received), time.monotonic()
        listener.wait_for(STATE, state_is("lost"), since=mark)
        took_s = time.monotonic() - spoilt_s
        print(f"{kind} pictures over {scheme} reported after {took_s:.2f} s")
        assert took_s < 2.0
        frames = [m for m in listener.received[mark:] if m.name == FRAME]
        assert all(m.at_s - spoilt_s < 0.5 for m in frames), "only what was on its way"
        mark = len(listener.received)
        listener.wait_for(STATE, state_is("streaming"), timeout_s=20.0, since=mark)
        listener.wait_for(FRAME, since=mark)
        assert streamer.clients == 2
    streamer.close()


def test_a_frozen_stream_is_opened_anew_and_flows_again(
    broker: Broker, listener: Client, tmp_path: Path
) -> None:
    streamer = MjpegStreamer("http")
    url = f"http://127.0.0.1:{streamer.port}"
    still = noisy_jpeg(np.random.default_rng(2))
    with start_service("camera", broker, tmp_path, CAMERA__SOURCE=url, CAMERA__FROZEN_AFTER_S="1"):
        listener.wait_for(FRAME)
        streamer.spoil(lambda _: still)
        listener.wait_for(STATE, state_is("frozen"))
        mark = len(listener.received)
        listener.wait_for(STATE, state_is("streaming"), timeout_s=20.0, since=mark)
        assert streamer.clients == 2
    streamer.close()


def test_the_address_of_a_snapshot_is_told_from_a_broken_cable(
    broker: Broker, listener: Client, tmp_path: Path
) -> None:
    server = SnapshotServer()
    url = f"http://127.0.0.1:{server.port}/snapshot.jpg"
    with start_service("camera", broker, tmp_path, CAMERA__SOURCE=url):
        reason = listener.wait_for(STATE, state_is("lost"))["reason"]
        assert "snapshot" in reason
        assert "cable" not in reason
    server.close()
