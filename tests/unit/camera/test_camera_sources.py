"""Each kind of source does what its protocol says, on real files and streams."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from calmloop.camera.settings import CameraSection, Playback
from calmloop.camera.sources import Source, open_source
from calmloop.camera.sources.opencv import StreamSource
from calmloop.camera.sources.source import without_credentials
from calmloop.clock import ManualClock
from calmloop.errors import ConfigurationError, DeviceError


def source_of(name: object, playback: Playback = Playback.LOOP) -> Source:
    settings = CameraSection.model_validate({"source": name, "playback": playback})
    return open_source(settings, ManualClock())


def mark_of(source: Source) -> int:
    """The number that the picture's brightness stands for."""
    picture = source.picture()
    assert picture is not None
    assert picture.dtype == np.uint8
    return round(float(picture.mean()) / 20)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Five pictures, each brighter than the one before, at 12 frames a second."""
    path = tmp_path / "clip.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 12.0, (320, 240))
    for mark in range(1, 6):
        writer.write(np.full((240, 320, 3), 20 * mark, np.uint8))
    writer.release()
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for mark in (3, 1, 2):
        cv2.imwrite(str(tmp_path / f"{mark}.png"), np.full((48, 64, 3), 20 * mark, np.uint8))
    (tmp_path / "notes.txt").write_text("not a picture")
    return tmp_path


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


def test_a_directory_is_an_image_folder(folder: Path) -> None:
    assert type(source_of(str(folder))).__name__ == "ImageFolderSource"


def test_an_url_of_another_kind_is_refused_with_what_is_possible() -> None:
    with pytest.raises(ConfigurationError, match=r"ftp://.*rtsp") as refusal:
        source_of("ftp://anna:secret@10.0.0.2/x")
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rtsp://anna:se@cret@10.0.0.2:554/a", "rtsp://10.0.0.2:554/a"),
        ("http://10.0.0.2/video?user=anna&pwd=secret#x", "http://10.0.0.2/video"),
        ("tcp://10.0.0.2:8888", "tcp://10.0.0.2:8888"),
    ],
)
def test_an_url_is_shown_without_anything_secret(url: str, shown: str) -> None:
    assert without_credentials(url) == shown
    assert source_of(url).origin == shown


def test_a_file_plays_in_order_at_its_own_rate_and_begins_again(clip: Path) -> None:
    source = source_of(str(clip))
    source.open()
    assert source.pace_fps == pytest.approx(12.0)
    assert not source.live
    marks = []
    for _ in range(8):
        assert source.grab()
        marks.append(mark_of(source))
    assert marks == [1, 2, 3, 4, 5, 1, 2, 3]
    source.close()


@pytest.mark.parametrize(
    ("name", "fps", "count"), [("single_face", 30.0, 72), ("theatre_close_up", 29.97, 275)]
)
def test_a_real_clip_plays_whole_at_its_own_rate(
    shared_dir: Path, name: str, fps: float, count: int
) -> None:
    source = source_of(str(shared_dir / "data" / "video" / f"{name}.mp4"), Playback.ONCE)
    source.open()
    assert source.pace_fps == pytest.approx(fps, abs=0.01)
    shown = 0
    while source.grab():
        shown += source.picture() is not None
    assert shown == count


def test_a_file_played_once_ends(clip: Path) -> None:
    source = source_of(str(clip), Playback.ONCE)
    source.open()
    assert [source.grab() for _ in range(6)] == [True] * 5 + [False]


def test_a_file_that_goes_away_is_lost_at_its_end_and_can_be_opened_when_it_is_back(
    clip: Path,
) -> None:
    source = source_of(str(clip))
    source.open()
    away = clip.rename(clip.with_suffix(".away"))
    for _ in range(5):
        source.grab()
    with pytest.raises(DeviceError, match=r"clip\.mp4 is not there"):
        source.grab()
    away.rename(clip)
    source.open()
    assert source.grab()
    assert mark_of(source) == 1


@pytest.mark.parametrize("content", [b"", b"no video at all" * 100])
def test_a_file_that_is_no_video_is_a_device_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.mp4"
    path.write_bytes(content)
    with pytest.raises(DeviceError, match="check that it is a video"):
        source_of(str(path)).open()


def test_a_missing_device_is_a_device_error_that_says_so() -> None:
    with pytest.raises(DeviceError, match="/dev/video97 is not there: plug the camera in"):
        source_of(97).open()


def test_a_folder_shows_its_pictures_by_name_and_begins_again(folder: Path) -> None:
    source = source_of(str(folder))
    source.open()
    marks = []
    for _ in range(4):
        assert source.grab()
        marks.append(mark_of(source))
    assert marks == [1, 2, 3, 1]


def test_a_broken_picture_in_a_folder_is_passed_over(folder: Path) -> None:
    (folder / "0.jpg").write_bytes(b"not a jpeg")
    source = source_of(str(folder), Playback.ONCE)
    source.open()
    assert source.grab()
    assert source.picture() is None
    assert source.grab()
    assert mark_of(source) == 1


def test_a_folder_without_pictures_is_a_device_error(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="holds no pictures"):
        source_of(str(tmp_path)).open()


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
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    source = source_of(f"http://anna:secret@127.0.0.1:{port}/video")
    with pytest.raises(DeviceError, match="cannot be opened") as failure:
        source.open()
    assert "secret" not in str(failure.value)


def test_a_streams_options_do_not_outlast_its_opening() -> None:
    before = dict(os.environ)
    with pytest.raises(DeviceError):
        StreamSource("tcp://127.0.0.1:9").open()
    assert dict(os.environ) == before
