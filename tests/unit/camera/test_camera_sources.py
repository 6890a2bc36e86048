"""Each kind of source does what its protocol says, on real files and streams."""

import os
import re
import socket
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
import structlog

from calmloop.camera.settings import CameraSection, Playback
from calmloop.camera.sources import Source, open_source
from calmloop.camera.sources.opencv import FileSource, StreamSource
from calmloop.clock import ManualClock
from calmloop.errors import DeviceError
from tests.variable_rate import hold_frames, write_gray_clip


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


def test_a_picture_that_is_too_large_is_passed_over_and_named(folder: Path) -> None:
    (folder / "2.png").write_bytes(forged_png(40_000))
    source = source_of(str(folder), Playback.ONCE)
    source.open()
    shown = []
    with structlog.testing.capture_logs() as said:
        while source.grab():
            picture = source.picture()
            shown.append(picture is not None)
    assert shown == [True, False, True]
    assert [line["file"] for line in said] == [str(folder / "2.png")]


def forged_png(side_px: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", side_px, side_px, 8, 0, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + data + chunk(b"IEND", b"")


@pytest.mark.parametrize("playback", Playback)
def test_a_folder_of_which_no_picture_can_be_read_is_lost(
    tmp_path: Path, playback: Playback
) -> None:
    for name in ("a.jpg", "b.png"):
        (tmp_path / name).write_bytes(b"no picture")
    source = source_of(str(tmp_path), playback)
    source.open()
    with pytest.raises(DeviceError, match="of 2 files none is whole"):
        for _ in range(3):
            source.grab()
            assert source.picture() is None


@pytest.mark.parametrize("suffix", [".gif", ".tif", ".TIFF", ".avif", ".jp2", ".bmp", ".webp"])
def test_a_folder_shows_pictures_of_every_kind_that_can_be_read(
    tmp_path: Path, suffix: str
) -> None:
    cv2.imwrite(str(tmp_path / f"a{suffix}"), np.full((48, 64, 3), 60, np.uint8))
    source = source_of(str(tmp_path))
    source.open()
    assert source.grab()
    assert mark_of(source) == 3


def test_a_picture_whose_name_is_no_text_is_shown_and_named_as_far_as_it_is(
    tmp_path: Path,
) -> None:
    good, bad = (os.fsdecode(name) for name in (b"a\xff.png", b"b\xff.png"))
    encoded = cv2.imencode(".png", np.full((48, 64, 3), 60, np.uint8))[1]
    (tmp_path / good).write_bytes(encoded.tobytes())
    (tmp_path / bad).write_bytes(b"no picture")
    source = source_of(str(tmp_path))
    source.open()
    assert source.grab()
    assert mark_of(source) == 3
    assert source.grab()
    with structlog.testing.capture_logs() as said:
        assert source.picture() is None
    assert said[0]["file"].encode()


def test_a_cut_jpeg_in_a_folder_is_passed_over(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    whole = cv2.imencode(".jpg", rng.integers(0, 60, (240, 320, 3), np.uint8))[1].tobytes()
    (tmp_path / "a.jpg").write_bytes(whole[: len(whole) // 2] + b"\xff\xd9")
    (tmp_path / "b.jpg").write_bytes(whole)
    source = source_of(str(tmp_path), Playback.ONCE)
    source.open()
    shown = []
    while source.grab():
        shown.append(source.picture() is not None)
    assert shown == [False, True]


def test_what_a_folder_holds_beside_pictures_is_named(folder: Path) -> None:
    with structlog.testing.capture_logs() as said:
        source_of(str(folder)).open()
    assert (said[0]["count"], said[0]["first"]) == (1, "notes.txt")


@pytest.mark.parametrize("name", ["2026-01-05T12:30:00.mp4", "http:x.mp4", "a b#?%20.mp4"])
def test_a_clip_of_any_name_is_read(clip: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(clip.parent)
    clip.rename(name)
    source = source_of(name)
    source.open()
    assert source.grab()
    assert mark_of(source) == 1


def test_a_clip_in_shared_memory_is_a_file() -> None:
    assert type(source_of("/dev/shm/clip.mp4")).__name__ == "FileSource"
    assert type(source_of("/dev/shm")).__name__ == "ImageFolderSource"


def motion_jpeg(path: Path, cut: int | None = None) -> None:
    """Five noisy pictures; of one of them only the first half is kept, its length unchanged."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 12.0, (320, 240))
    rng = np.random.default_rng(1)
    for _ in range(5):
        writer.write(rng.integers(0, 255, (240, 320, 3), np.uint8))
    writer.release()
    if cut is not None:
        data = path.read_bytes()
        starts = [m.start() for m in re.finditer(rb"00dc....\xff\xd8", data, re.DOTALL)]
        at = starts[cut]
        length = struct.unpack("<I", data[at + 4 : at + 8])[0]
        half = at + 8 + length // 2
        path.write_bytes(data[:half] + bytes(at + 8 + length - half) + data[at + 8 + length :])


def test_a_cut_picture_of_a_clip_is_none_and_not_the_one_before(tmp_path: Path) -> None:
    motion_jpeg(tmp_path / "clip.avi", cut=2)
    source = source_of(str(tmp_path / "clip.avi"), Playback.ONCE)
    source.open()
    shown = []
    while source.grab():
        shown.append(source.picture() is not None)
    assert shown == [True, True, False, True, True]


@pytest.mark.parametrize("playback", Playback)
def test_a_video_without_a_picture_is_a_device_error(
    tmp_path: Path, playback: Playback, monkeypatch: pytest.MonkeyPatch
) -> None:
    motion_jpeg(tmp_path / "clip.avi")
    source = source_of(str(tmp_path / "clip.avi"), playback)
    source.open()
    monkeypatch.setattr(source, "_step", lambda: False)
    with pytest.raises(DeviceError, match="holds no picture that can be read"):
        source.grab()


def test_a_clip_of_variable_rate_gives_each_picture_its_own_time(tmp_path: Path) -> None:
    clip = tmp_path / "phone.mp4"
    write_gray_clip(clip, [20] * 12 + [230] * 8)
    hold_frames(clip, 12, 5)
    source = source_of(str(clip), Playback.ONCE)
    source.open()
    bright_s = []
    while source.grab():
        picture = source.picture()
        assert picture is not None
        if picture.mean() > 128:
            bright_s.append(source.play_s)
    assert bright_s == pytest.approx([6.0 + n / 10 for n in range(8)], abs=0.02)


class Stamps:
    """Stands for a capture whose time stamps are the test's."""

    def __init__(self, stamps_ms: list[float]) -> None:
        self._left = list(stamps_ms)
        self._now = 0.0

    def grab(self) -> bool:
        if self._left:
            self._now = self._left.pop(0)
            return True
        return False

    def get(self, _prop: int) -> float:
        return self._now


@pytest.mark.parametrize(
    ("stamps_ms", "play_s"),
    [
        ([0, 100, 3100, 3200], [0, 0.1, 3.1, 3.2]),
        ([500, 600, 700], [0, 0.1, 0.2]),
        ([0, 100, 100, 100, 200], [0, 0.1, 0.2, 0.3, 0.4]),
        ([0, 100, -900, -800], [0, 0.1, 0.2, 0.3]),
        ([0, 100, 90_000_000, 90_000_100], [0, 0.1, 0.2, 0.3]),
        ([0, 0, 0], [0, 0.1, 0.2]),
    ],
)
def test_a_clips_time_never_falls_and_never_leaps(
    tmp_path: Path, stamps_ms: list[float], play_s: list[float]
) -> None:
    source = FileSource(CameraSection(source=str(tmp_path / "clip.mp4"), playback=Playback.ONCE))
    source.pace_fps = 10.0
    source._capture = Stamps(stamps_ms)  # type: ignore[assignment]
    times = []
    while source.grab():
        times.append(source.play_s)
    assert times == pytest.approx(play_s)


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
