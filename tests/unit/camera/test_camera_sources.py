"""Each kind of source does what its protocol says, on real streams."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise

import cv2
import numpy as np
import pytest

from calmloop.base.clock import ManualClock
from calmloop.base.errors import DeviceError
from calmloop.camera.settings import CameraSection
from calmloop.camera.sources import open_source
from calmloop.camera.sources.stream import StreamSource
from tests.broker import free_port
from tests.unit.camera.sources import mark_of, source_of


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("sim", "SimulatedSource"),
        (0, "DeviceSource"),
        ("0", "DeviceSource"),
        ("/dev/video2", "DeviceSource"),
        ("rtsp://10.0.0.2/stream", "StreamSource"),
        ("http://10.0.0.2:8080/video", "StreamSource"),
        ("tcp://10.0.0.2:8888", "StreamSource"),
        ("clips/child.mp4", "FileSource"),
    ],
)
def test_the_source_is_picked_by_what_its_name_is(name: object, kind: str) -> None:
    assert type(source_of(name)).__name__ == kind


def test_a_missing_device_is_a_device_error_that_says_so() -> None:
    with pytest.raises(DeviceError, match="/dev/video97 is not there: plug the camera in"):
        source_of(97).open()


def test_the_simulated_child_is_drawn_at_the_set_size() -> None:
    settings = CameraSection(width_px=320, height_px=240)
    source = open_source(settings, ManualClock())
    source.open()
    assert source.grab()
    picture = source.picture()
    assert picture is not None
    assert picture.shape == (240, 320, 3)


class Streamer:
    """Serves MJPEG to one client after another, plain or as multipart over HTTP."""

    def __init__(self, *, http: bool) -> None:
        self._http = http
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._gone = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._gone.set()
        with suppress(OSError):  # it may be closed already
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _serve(self) -> None:
        while not self._gone.is_set():
            try:
                client, _ = self._server.accept()
                with client:
                    self._stream_to(client)
            except OSError:
                continue

    def _stream_to(self, client: socket.socket) -> None:
        if self._http:
            client.recv(4096)
            head = b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=F\r\n\r\n"
            client.sendall(head)
        for mark in range(400):
            picture = np.full((240, 320, 3), 20 * (mark % 10), np.uint8)
            jpeg = cv2.imencode(".jpg", picture)[1].tobytes()
            part = b"--F\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg)
            client.sendall(part + jpeg + b"\r\n" if self._http else jpeg)
            if self._gone.wait(0.02):
                return


@pytest.fixture(params=["http", "tcp"])
def streamer(request: pytest.FixtureRequest) -> Iterator[tuple[Streamer, str]]:
    running = Streamer(http=request.param == "http")
    yield running, f"{request.param}://127.0.0.1:{running.port}/"
    running.close()


def test_a_stream_is_read_and_its_end_is_a_device_error(streamer: tuple[Streamer, str]) -> None:
    server, url = streamer
    source = source_of(url)
    source.open()
    assert source.live
    assert source.pace_fps is None
    marks = []
    for _ in range(10):
        assert source.grab()
        marks.append(mark_of(source))
    steps = {(after - before) % 10 for before, after in pairwise(marks)}
    assert steps == {1}
    server.close()
    with pytest.raises(DeviceError, match="gives no more pictures"):
        for _ in range(100):
            source.grab()
    source.close()


def test_nobody_at_an_address_is_a_device_error_without_its_password() -> None:
    source = source_of(f"http://anna:secret@127.0.0.1:{free_port()}/video")
    with pytest.raises(DeviceError, match="cannot be opened") as failure:
        source.open()
    assert "secret" not in str(failure.value)


def test_a_streams_options_do_not_outlast_its_opening() -> None:
    before = dict(os.environ)
    with pytest.raises(DeviceError):
        StreamSource("tcp://127.0.0.1:9").open()
    assert dict(os.environ) == before
