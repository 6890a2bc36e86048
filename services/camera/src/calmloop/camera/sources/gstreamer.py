"""Pipelines of GStreamer: the Raspberry Pi's camera module, or whatever else has an element.

PyGObject and GStreamer come as Debian's packages, not as wheels: they are looked for on opening.
"""

from __future__ import annotations

import math
import re
from importlib import import_module
from typing import Any

from calmloop.base.errors import DeviceError
from calmloop.camera.address import PIPELINE
from calmloop.camera.arrays import Picture, np
from calmloop.camera.sources.source import SourceKind, SourceSettings

CAMERA_MODULE = "libcamerasrc"
OPEN_TIMEOUT_S = 4.0
"""libcamera takes about a second from the start to the first picture."""
READ_TIMEOUT_S = 1.5
"""A camera that falls silent must be reported within 2 s."""
NS_PER_S = 1_000_000_000
SINK = "calmloop"
CAMERAS = frozenset(
    {CAMERA_MODULE, "v4l2src", "nvarguscamerasrc", "nvv4l2camerasrc", "rtspsrc", "tcpclientsrc"}
)
"""Elements that show what is before a camera now. Any other source is taken for a recording, by
which no real chair is steered: a test picture must not pass for a child."""
PACKAGES = "python3-gi gir1.2-gstreamer-1.0 gstreamer1.0-plugins-base gstreamer1.0-libcamera"
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'')
_ELEMENT = re.compile(r"(?:^|!)\s*([A-Za-z]\w*)(?=\s|!|$)")
_SOURCE = re.compile(r"(?<!\S)([A-Za-z]\w*src)(?=\s|!|$)")
_VALUE = re.compile(r"""[\w-]+\s*=\s*("(?:[^"\\]|\\.)*"|'[^']*'|\S+)""")
HIDDEN_FROM = 4
"""Values of so many characters are not shown: any may be a password, or hold one."""


class GstreamerSource:
    """What the pipeline gives, reduced and converted by GStreamer; the newest picture alone."""

    pace_fps: float | None = None
    play_s: float | None = None

    def __init__(self, settings: SourceSettings) -> None:
        given = settings.source.removeprefix(PIPELINE).strip()
        self._values = [value.strip("\"'") for value in _VALUE.findall(given)]
        plain = _QUOTED.sub('""', given or CAMERA_MODULE)
        sources = set(_SOURCE.findall(plain))
        self.live = bool(sources) and sources <= CAMERAS
        self.origin = PIPELINE + " ! ".join(_ELEMENT.findall(plain))
        self._text = f"{given or _camera_module(settings)} ! {self._tail(settings)}"
        self._gst: Any = None
        self._pipeline: Any = None
        self._sink: Any = None
        self._sample: Any = None
        self._is_first = False

    def open(self) -> None:
        """Sets the pipeline playing, and waits for its first picture.

        Raises:
            DeviceError: GStreamer or an element is missing, the pipeline is wrong, or nothing comes
                within OPEN_TIMEOUT_S.
        """
        self._gst, glib = bindings()
        try:
            self._pipeline = self._gst.parse_launch(self._text)
        except glib.Error as error:
            raise self._failure(self._shown(error.message)) from None
        self._sink = self._pipeline.get_by_name(SINK)
        playing = self._pipeline.set_state(self._gst.State.PLAYING)
        # A camera that cannot be had fails at once; all else shows with the first picture.
        fault = self._pull(OPEN_TIMEOUT_S * (playing != self._gst.StateChangeReturn.FAILURE))
        if fault:
            self.close()
            raise self._failure(fault)
        self._is_first = True

    def grab(self) -> bool:
        """Takes the newest picture.

        Raises:
            DeviceError: GStreamer reports an error, the stream has ended, or nothing has come for
                READ_TIMEOUT_S.
        """
        fault = "" if self._is_first else self._pull(READ_TIMEOUT_S)
        self._is_first = False
        if fault:
            raise DeviceError(
                f"{self.origin} gives no more pictures: {fault}: check the camera's cable and power"
            )
        return True

    def picture(self) -> Picture | None:
        """What was grabbed last."""
        if self._sample is None:
            return None
        shape = self._sample.get_caps().get_structure(0)
        width_px, height_px = shape.get_value("width"), shape.get_value("height")
        buffer = self._sample.get_buffer()
        data = np.frombuffer(buffer.extract_dup(0, buffer.get_size()), np.uint8)
        row_bytes = -(-3 * width_px // 4) * 4  # GStreamer's rows begin at multiples of four
        if data.size != row_bytes * height_px:
            return None
        rows = data.reshape(height_px, row_bytes)[:, : 3 * width_px]
        return rows.reshape(height_px, width_px, 3).copy()

    def close(self) -> None:
        """Ends the pipeline and its threads."""
        pipeline, self._pipeline = self._pipeline, None
        self._sink = self._sample = None
        if pipeline is not None:
            pipeline.set_state(self._gst.State.NULL)

    def _tail(self, settings: SourceSettings) -> str:
        """Makes BGR of whatever comes, none larger and none more often than asked for.

        What is no camera keeps its own time: else it would run as fast as it can.
        """
        size = f"width=[16,{settings.width_px}],height=[16,{settings.height_px}]"
        return (
            f"videorate drop-only=true max-rate={math.ceil(settings.fps)} ! videoscale !"
            f" videoconvert ! video/x-raw,format=BGR,{size},pixel-aspect-ratio=1/1 !"
            f" appsink name={SINK} max-buffers=1 drop=true enable-last-sample=false"
            f" sync={str(not self.live).lower()}"
        )

    def _pull(self, timeout_s: float) -> str:
        """Takes the next sample; what GStreamer says where there is none, or nothing."""
        if self._pipeline is None:
            return "it is closed"
        self._sample = self._sink.emit("try-pull-sample", round(timeout_s * NS_PER_S))
        # This takes off the bus what nobody reads, too, which would pile up there.
        message = self._pipeline.get_bus().pop_filtered(self._gst.MessageType.ERROR)
        if message is not None:
            return f"{message.src.get_name()}: {self._shown(message.parse_error()[0].message)}"
        if self._sample is not None:
            return ""
        ended = self._sink.get_property("eos")
        return "its stream has ended" if ended else f"nothing has come for {timeout_s:g} s"

    def _failure(self, why: str) -> DeviceError:
        return DeviceError(
            f"{self.origin} cannot be opened: {why}: try the same pipeline with gst-launch-1.0, and"
            " look for the element with gst-inspect-1.0"
        )

    def _shown(self, text: str) -> str:
        """GStreamer's words, without the pipeline's own values, in which a password may stand."""
        for value in sorted(self._values, key=len, reverse=True):
            if len(value) >= HIDDEN_FROM:
                text = text.replace(value, "(not shown)")
        return text


def _camera_module(settings: SourceSettings) -> str:
    """Asked for its size, for it would give the sensor's full one."""
    size = f"width={settings.width_px},height={settings.height_px}"
    return f"{CAMERA_MODULE} ! video/x-raw,{size}"


def bindings() -> tuple[Any, Any]:
    """GStreamer, ready to be used, and GLib.

    Raises:
        DeviceError: they are not there.
    """
    try:
        import_module("gi").require_version("Gst", "1.0")
        gst, glib = import_module("gi.repository.Gst"), import_module("gi.repository.GLib")
    except (ImportError, ValueError) as error:
        raise DeviceError(
            f"GStreamer's Python bindings are not there ({error}): use the image of"
            f" compose/camera-module.compose.yaml, or apt-get install {PACKAGES} and let this"
            " Python see /usr/lib/python3/dist-packages"
        ) from None
    gst.init(None)
    return gst, glib


KIND = SourceKind(lambda name: name.startswith(PIPELINE), lambda given, _: GstreamerSource(given))
