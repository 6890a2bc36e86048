"""The image with GStreamer, by a Raspberry Pi's override: its pictures reach the bus."""

import os

import pytest

from tests.system.bus_client import BusClient
from tests.system.deployment import FOLDER, Deployment

pytestmark = [pytest.mark.system, pytest.mark.long, pytest.mark.timeout(1800)]

TEST_PICTURE = "gst:videotestsrc is-live=true ! video/x-raw,width=1280,height=720"


def test_pictures_of_a_pipeline_reach_the_face_detector_and_libcamera_is_there() -> None:
    device = Deployment(
        f"calmloop-module-{os.getpid()}",
        "device",
        CALMLOOP_CAMERA__SOURCE=TEST_PICTURE,
        MEDIA_MAJOR="235",  # as /proc/devices of a Raspberry Pi might say; there is none here
        DMA_HEAP_MAJOR="251",
    )
    with device.overridden_by(FOLDER / "camera-module.compose.yaml"):
        try:
            device.compose("build", "init", "camera", "face-detector", timeout_s=1500)
            device.compose("up", "--detach", "--wait", "camera", "face-detector")
            with BusClient("monitor", device.password("monitor"), device.plain_port) as monitor:
                monitor.subscribe("#")
                state = monitor.wait_for("camera/state", lambda s: s["fps"] > 10)
                assert state["condition"] == "streaming"
                assert state["origin"] == "gst:videotestsrc"
                assert state["camera_kind"] == "recorded", "a test picture passes for a child"
                assert monitor.wait_for("face/state").get("box") is None
            said = device.compose("exec", "-T", "camera", "python", "-c", LOOK)
            assert said.split() == ["True"]
        finally:
            device.down()


LOOK = """
from calmloop.camera.sources import gstreamer
gst, _ = gstreamer.bindings()
print(gst.ElementFactory.find("libcamerasrc") is not None)
"""
