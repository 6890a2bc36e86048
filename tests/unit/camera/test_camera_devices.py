"""Cameras of the kernel: what is taken for one, what is asked of it, what is said without it.

There is no V4L2 here: a double stands in VideoCapture's place.
"""

from pathlib import Path

import cv2
import numpy as np
import pytest

from calmloop.base.clock import ManualClock
from calmloop.base.errors import DeviceError
from calmloop.camera.settings import CameraSection
from calmloop.camera.sources import open_source
from calmloop.camera.sources.device import DeviceSettings, DeviceSource, is_device

MJPG = cv2.VideoWriter.fourcc(*"MJPG")
YUYV = cv2.VideoWriter.fourcc(*"YUYV")


class V4l2:
    """A camera that gives YUYV up to 640 x 480, and more as MJPG only."""

    asked: list[tuple[int, float]]
    sent = np.zeros((480, 640, 3), np.uint8)

    def __init__(self, *_: object) -> None:
        V4l2.asked = []
        self._format = YUYV

    def isOpened(self) -> bool:
        return True

    def set(self, prop: int, value: float) -> bool:
        self.asked.append((prop, value))
        if prop == cv2.CAP_PROP_FOURCC:
            self._format = int(value)
        return True

    def get(self, prop: int) -> float:
        return float(self._format) if prop == cv2.CAP_PROP_FOURCC else 0.0

    def grab(self) -> bool:
        return True

    def retrieve(self) -> tuple[bool, object]:
        return True, self.sent

    def release(self) -> None:
        pass


@pytest.fixture
def camera(monkeypatch: pytest.MonkeyPatch) -> type[V4l2]:
    monkeypatch.setattr(cv2, "VideoCapture", V4l2)
    return V4l2


def opened(pixel_format: str = "auto") -> DeviceSource:
    # /dev/null is a character device that is everywhere.
    settings = DeviceSettings.model_validate(
        {"source": "/dev/null", "pixel_format": pixel_format, "width_px": 1280, "height_px": 720}
    )
    source = DeviceSource(settings)
    source.open()
    return source


def test_the_pixel_format_is_asked_for_before_the_size(camera: type[V4l2]) -> None:
    opened("mjpg")
    assert camera.asked[:3] == [
        (cv2.CAP_PROP_FOURCC, MJPG),
        (cv2.CAP_PROP_FRAME_WIDTH, 1280),
        (cv2.CAP_PROP_FRAME_HEIGHT, 720),
    ]


def test_left_to_itself_no_format_is_asked_for(camera: type[V4l2]) -> None:
    opened()
    assert cv2.CAP_PROP_FOURCC not in [prop for prop, _ in camera.asked]
    assert cv2.CAP_PROP_CONVERT_RGB not in [prop for prop, _ in camera.asked]


def test_a_cut_jpeg_of_an_usb_camera_is_not_decoded_into_the_picture_before(
    camera: type[V4l2], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = opened("mjpg")
    assert (cv2.CAP_PROP_CONVERT_RGB, 0) in camera.asked
    rng = np.random.default_rng(1)
    whole = cv2.imencode(".jpg", rng.integers(0, 60, (720, 1280, 3), np.uint8))[1]
    monkeypatch.setattr(camera, "sent", whole.reshape(1, -1))
    source.grab()
    picture = source.picture()
    assert picture is not None
    assert picture.shape == (720, 1280, 3)
    monkeypatch.setattr(camera, "sent", whole.reshape(1, -1)[:, : len(whole) // 2])
    source.grab()
    assert source.picture() is None


def test_a_camera_that_is_away_is_named_beside_those_that_are_there(tmp_path: Path) -> None:
    by_id = tmp_path / "v4l" / "by-id"
    by_id.mkdir(parents=True)
    for name in ("usb-Acme_Cam_A1-video-index0", "usb-Acme_Cam_B2-video-index0"):
        (by_id / name).touch()
    (tmp_path / "video2").touch()
    away = DeviceSource(DeviceSettings(source="/dev/video97"), dev=tmp_path)
    with pytest.raises(DeviceError, match="/dev/video97 is not there: plug the camera in") as said:
        away.open()
    for name in ("usb-Acme_Cam_A1", "usb-Acme_Cam_B2", "video2"):
        assert name in str(said.value)


def test_without_any_camera_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="no camera is there at all"):
        DeviceSource(DeviceSettings(source="/dev/video97"), dev=tmp_path).open()


def test_a_folder_that_docker_made_for_a_camera_that_is_away_is_told(tmp_path: Path) -> None:
    made = DeviceSource(DeviceSettings(source=str(tmp_path)), dev=tmp_path)
    with pytest.raises(DeviceError, match="is no device but a file or folder"):
        made.open()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("0", True),
        ("/dev/video97", True),
        ("/dev/v4l/by-id/usb-away", True),
        ("/dev/null", True),
        ("/dev/shm/clip.mp4", False),
        ("/dev/shm", False),
        ("clip.mp4", False),
        ("/nonexistent.mp4", False),
    ],
)
def test_only_character_devices_are_cameras(name: str, expected: bool) -> None:
    assert is_device(name) is expected


def test_a_link_to_a_camera_is_one_also_while_it_is_away(tmp_path: Path) -> None:
    (tmp_path / "seat").symlink_to("/dev/video97")
    (tmp_path / "clip").symlink_to("/dev/shm/clip.mp4")
    source = open_source(CameraSection(source=str(tmp_path / "seat")), ManualClock())
    assert type(source).__name__ == "DeviceSource"
    assert not is_device(str(tmp_path / "clip"))
