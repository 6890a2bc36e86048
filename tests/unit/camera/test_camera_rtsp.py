"""RTSP cameras whose pictures that stand alone are seldom, and their logins."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from calmloop.base.errors import DeviceError
from calmloop.camera.sources.stream import KEY_FRAME_TIMEOUT_MS, READ_TIMEOUT_MS, StreamSource
from tests.unit.camera.rtsp_camera import RtspCamera, mpeg4


@contextmanager
def running(camera: RtspCamera) -> Iterator[RtspCamera]:
    try:
        yield camera
    finally:
        camera.close()


def first_picture_s(camera: RtspCamera, login: str = "") -> float:
    """How long it takes from opening to the first picture."""
    source = StreamSource(f"rtsp://{login}127.0.0.1:{camera.port}/live")
    began_s = time.monotonic()
    try:
        source.open()
        while True:
            assert source.grab()
            if (picture := source.picture()) is not None:
                # Each picture is brighter than the one before: this is the very first.
                assert picture.mean() == pytest.approx(18, abs=3)
                return time.monotonic() - began_s
    finally:
        source.close()


def test_the_first_key_frame_is_shown_and_not_the_next(tmp_path: Path) -> None:
    # Twelve pictures at 2 a second: the next key frame would come 6 s later.
    with running(RtspCamera(mpeg4(tmp_path, 24), fps=2.0)) as camera:
        assert first_picture_s(camera) < 5.0


def test_a_key_frame_that_is_long_in_coming_is_waited_for(tmp_path: Path) -> None:
    # 5 s of packets that give no picture, as those before a key frame do.
    with running(RtspCamera(mpeg4(tmp_path, 24), fps=4.0, undecodable=20)) as camera:
        assert READ_TIMEOUT_MS / 1e3 < first_picture_s(camera) < 9.0


@pytest.mark.parametrize(
    ("password", "written"),
    [
        ("geheim", "geheim"),
        ("ge@im#9", "ge%40im%239"),
        ("ge@im", "ge@im"),
        ("ge im", "ge im"),
        ("ge[im]", "ge[im]"),
        ("100%", "100%"),
    ],
)
def test_a_password_with_special_characters_logs_in(
    tmp_path: Path, password: str, written: str
) -> None:
    packets = mpeg4(tmp_path, 12)
    with running(RtspCamera(packets, fps=15.0, login=("anna", password))) as camera:
        assert first_picture_s(camera, f"anna:{written}@") < 5.0


def test_a_wrong_password_is_told_and_not_shown(tmp_path: Path) -> None:
    camera = RtspCamera(mpeg4(tmp_path, 12), fps=15.0, login=("anna", "geheim"))
    with running(camera), pytest.raises(DeviceError, match="its password") as said:
        first_picture_s(camera, "anna:falsch@")
    assert "falsch" not in str(said.value)


def test_a_camera_that_falls_silent_is_given_up_long_before_a_key_frame_is(tmp_path: Path) -> None:
    with running(RtspCamera(mpeg4(tmp_path, 12), fps=15.0, silent_s=30.0)) as camera:
        source = StreamSource(f"rtsp://127.0.0.1:{camera.port}/live")
        source.open()
        heard_s = time.monotonic()
        with pytest.raises(DeviceError, match="check the network"):
            while source.grab():
                heard_s = time.monotonic()
        took_s = time.monotonic() - heard_s
        source.close()
    print(f"given up after {took_s:.1f} s")
    assert took_s < KEY_FRAME_TIMEOUT_MS / 2e3
