"""Pipelines of GStreamer: what is said of one before it runs, and those that run, on the real one.

Test pictures stand for a camera: there is no camera module here.
"""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from calmloop.base.clock import ManualClock
from calmloop.base.errors import DeviceError
from calmloop.camera.settings import CameraSection
from calmloop.camera.sources import Source, open_source
from calmloop.camera.sources.gstreamer import GstreamerSource
from calmloop.contract.messages.camera import CameraCondition
from tests.unit.camera.harness import Harness

DEBIAN_MODULES = "/usr/lib/python3/dist-packages"
TEST_PICTURE = "videotestsrc is-live=true"
MANY_OPENINGS = 12


def source_of(pipeline: str, **settings: object) -> Source:
    section = CameraSection.model_validate({"source": f"gst:{pipeline}", **settings})
    return open_source(section, ManualClock())


@pytest.fixture
def gstreamer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Debian's modules behind those of this environment, as in the image."""
    monkeypatch.setattr(sys, "path", [*sys.path, DEBIAN_MODULES])
    try:
        importlib.import_module("gi").require_version("Gst", "1.0")
    except (ImportError, ValueError) as error:
        pytest.skip(
            f"no GStreamer for this Python ({error}): tools/setup.sh slow installs Debian's"
        )


@pytest.fixture
def opened() -> Iterator[list[Source]]:
    """Sources that are closed at the end."""
    sources: list[Source] = []
    yield sources
    for source in sources:
        source.close()


@pytest.mark.parametrize(
    ("pipeline", "origin", "live"),
    [
        ("", "gst:libcamerasrc", True),
        ("libcamerasrc camera-name=imx708", "gst:libcamerasrc", True),
        ("v4l2src ! image/jpeg,width=640 ! jpegdec", "gst:v4l2src ! jpegdec", True),
        (
            'rtspsrc location="rtsp://anna:pass!word@cam/1" ! decodebin',
            "gst:rtspsrc ! decodebin",
            True,
        ),
        (TEST_PICTURE, "gst:videotestsrc", False),
        ("filesrc location=libcamerasrc ! decodebin", "gst:filesrc ! decodebin", False),
        ("videotestsrc ! mix. libcamerasrc ! compositor name=mix", None, False),
        ("uridecodebin uri=rtsp://anna:secret@cam/1", "gst:uridecodebin", False),
    ],
)
def test_only_what_shows_a_camera_is_live_and_values_are_not_shown(
    pipeline: str, origin: str | None, live: bool
) -> None:
    source = source_of(pipeline)
    assert isinstance(source, GstreamerSource)
    assert source.live is live
    assert origin in (None, source.origin)
    assert "anna" not in source.origin


def test_without_gstreamer_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gi", None)
    with pytest.raises(
        DeviceError, match=r"camera-module.compose.yaml, or apt-get install python3-gi"
    ):
        source_of("").open()


@pytest.mark.slow
@pytest.mark.usefixtures("gstreamer")
@pytest.mark.parametrize(
    ("given", "expected"), [("1280,height=720", (360, 640)), ("321,height=240", (240, 321))]
)
def test_pictures_come_no_larger_than_asked_for_with_their_aspect_and_colours(
    opened: list[Source], given: str, expected: tuple[int, int]
) -> None:
    source = source_of(f"{TEST_PICTURE} pattern=blue ! video/x-raw,width={given}")
    opened.append(source)
    source.open()
    for _ in range(3):
        assert source.grab()
        picture = source.picture()
        assert picture is not None
        assert picture.shape == (*expected, 3)
        assert picture.dtype == np.uint8
        blue, green, red = picture.reshape(-1, 3).mean(axis=0)
        assert blue > 240
        assert max(green, red) < 15


@pytest.mark.slow
@pytest.mark.usefixtures("gstreamer")
@pytest.mark.parametrize("pipeline", ["videotestsrc", TEST_PICTURE])
def test_no_more_pictures_come_than_asked_for(opened: list[Source], pipeline: str) -> None:
    """By their own time stamps, whatever the machine is busy with; all of a recording come, too."""
    source = source_of(f"{pipeline} ! video/x-raw,framerate=60/1", fps=5)
    opened.append(source)
    source.open()
    assert isinstance(source, GstreamerSource)
    stamps = []
    for _ in range(4):
        source.grab()
        stamps.append(source._sample.get_buffer().pts / 1e9)
    assert min(np.diff(stamps)) > 0.19


@pytest.mark.slow
@pytest.mark.usefixtures("gstreamer")
@pytest.mark.parametrize(
    ("pipeline", "said"),
    [
        ("nosuchelement", 'no element "nosuchelement"'),
        ("videotestsrc !!", "syntax error"),
        ("filesrc location=/nowhere/anna.mp4 ! decodebin", "filesrc0: Resource not found"),
        ("videotestsrc pattern=hunter2", 'property "pattern".* to "\\(not shown\\)"'),
        ("appsrc is-live=true caps=video/x-raw,format=BGR,width=64,height=64", "nothing has come"),
        ("audiotestsrc is-live=true", "could not link"),
    ],
)
def test_what_cannot_be_opened_is_told_with_gstreamer_s_words_and_the_next_step(
    monkeypatch: pytest.MonkeyPatch, pipeline: str, said: str
) -> None:
    monkeypatch.setattr("calmloop.camera.sources.gstreamer.OPEN_TIMEOUT_S", 0.5)
    source = source_of(pipeline)
    words = f"^gst:.* cannot be opened: .*{said}.*gst-inspect"
    with pytest.raises(DeviceError, match=words) as told:
        source.open()
    assert "anna" not in str(told.value)
    with pytest.raises(DeviceError, match="it is closed"):
        source.grab()


@pytest.mark.slow
@pytest.mark.usefixtures("gstreamer")
def test_a_source_that_ends_or_fails_or_falls_silent_is_a_device_error(
    opened: list[Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("calmloop.camera.sources.gstreamer.READ_TIMEOUT_S", 0.5)
    for pipeline, said in (
        (f"{TEST_PICTURE} num-buffers=3", "its stream has ended"),
        (f"{TEST_PICTURE} ! identity error-after=4", "identity0: Failed after iterations"),
        (f"{TEST_PICTURE} ! identity sleep-time=1000000", "nothing has come for 0.5 s"),
    ):
        source = source_of(pipeline)
        opened.append(source)
        source.open()
        with pytest.raises(DeviceError, match=f"gives no more pictures: {said}.*cable"):
            while source.grab():
                pass


@pytest.mark.slow
@pytest.mark.usefixtures("gstreamer")
def test_closing_leaves_no_thread_behind(opened: list[Source]) -> None:
    def threads() -> int:
        return len(list(Path("/proc/self/task").iterdir()))

    source = source_of(TEST_PICTURE)
    opened.append(source)
    counts = []
    for _ in range(MANY_OPENINGS):
        source.open()
        source.close()
        source.close()
        counts.append(threads())
    # GLib keeps two threads of its pool for 15 s, to use them again.
    assert max(counts) - counts[0] <= 2


@pytest.mark.slow
@pytest.mark.usefixtures("gstreamer")
def test_the_service_reopens_what_has_ended_and_the_switch_closes_it() -> None:
    harness = Harness(source=f"gst:{TEST_PICTURE} num-buffers=4", width_px=320, height_px=240)
    try:
        harness.until(lambda: CameraCondition.LOST in [s.condition for s in harness.states])
        lost = next(s for s in harness.states if s.condition is CameraCondition.LOST)
        assert lost.origin == "gst:videotestsrc"
        assert "its stream has ended" in lost.reason
        before = harness.frames()
        harness.until(lambda: harness.frames() > before)
    finally:
        harness.service.close()


def test_the_packages_are_the_same_wherever_they_are_named() -> None:
    gstreamer = importlib.import_module("calmloop.camera.sources.gstreamer")
    compose = Path(__file__).resolve().parents[3] / "compose"
    for name in ("camera-module.compose.yaml", "docker-bake.hcl"):
        assert gstreamer.PACKAGES in (compose / name).read_text(), name
