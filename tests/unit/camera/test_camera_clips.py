"""A video file as a source: its pictures, its time, its names."""

import re
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest

from calmloop.base.errors import DeviceError
from calmloop.camera.choices import Playback
from calmloop.camera.settings import CameraSection
from calmloop.camera.sources.video_file import FileSource
from tests.unit.camera.sources import mark_of, source_of
from tests.variable_rate import hold_frames, write_gray_clip


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Five pictures, each brighter than the one before, at 12 frames a second."""
    path = tmp_path / "clip.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 12.0, (320, 240))
    for mark in range(1, 6):
        writer.write(np.full((240, 320, 3), 20 * mark, np.uint8))
    writer.release()
    return path


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
