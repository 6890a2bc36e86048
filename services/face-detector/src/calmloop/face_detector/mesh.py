"""MediaPipe's face mesh: 468 points of a face in three dimensions, by a file that the user names.

The network (Kartynnik et al., 2019; Apache-2.0) is no part of Calmloop. OpenCV runs it.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from calmloop.base.clock import Clock, ManualClock
from calmloop.base.errors import ConfigurationError
from calmloop.face_detector.arrays import Gray
from calmloop.face_detector.face_shape import FaceShape, Points, shape_of
from calmloop.face_detector.frame import JpegFrame
from calmloop.face_detector.geometry import Square
from calmloop.face_detector.settings import MeshSection

SHA256 = "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814"
"""Of `face_landmark.tflite` in the package mediapipe 0.10.21: what is read off the points, and from
which limits on, was measured with this file, and a damaged one reaches no parser."""
SIZE_BYTES = 1_242_398
POINTS = 468
SIDE_PX = 192
FRAMING = 1.5
"""Side of the crop: the face with a quarter of itself on each side, as the network was trained."""
DROP = 0.08
"""A detector's square ends below the lip: the crop's centre is this part of a side further down."""
LOOKS = 2
"""The second crop is cut by the points of the first. By the detector's square alone, whose tilt and
size are rough, eyes that are shut read as wide as others that are open."""
OUTER_CORNERS = (33, 263)
"""Of the eyes, what is on the picture's left first."""
MIN_SIDE_PX = 8.0
MAX_SHARE = 0.1
"""Of the time that the network may take; on a slow processor it looks less often for it."""

MAX_AGE_S = 1.0
"""What it said longer ago is told no more."""


@dataclass(frozen=True)
class MeshFraming:
    """What part of a frame the network is shown.

    Attributes:
        square: In pixels of the frame.
        roll_deg: Its tilt, clockwise.
    """

    square: Square
    roll_deg: float

    @classmethod
    def around(cls, points: Points) -> "MeshFraming":
        """That of points (N, 3) in pixels of the frame: upright by the eyes, with its margin."""
        left, right = points[list(OUTER_CORNERS), :2]
        roll = np.arctan2(*(right - left)[::-1])
        turn = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
        upright = points[:, :2] @ turn
        low, high = upright.min(axis=0), upright.max(axis=0)
        x, y = turn @ ((low + high) / 2)
        side = FRAMING * float((high - low).max())
        return cls(Square(float(x), float(y), side), float(np.degrees(roll)))

    def to_frame(self, points: Points) -> Points:
        """Points (N, 3) of the network's picture in pixels of the frame; z is turned by nothing."""
        scaled = (points - [SIDE_PX / 2, SIDE_PX / 2, 0.0]) * (self.square.side / SIDE_PX)
        cos, sin = np.cos(np.radians(self.roll_deg)), np.sin(np.radians(self.roll_deg))
        turn = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
        return np.asarray(scaled @ turn.T + [self.square.x, self.square.y, 0.0], np.float64)


@dataclass(frozen=True)
class MeshPoints:
    """A face as the network sees it.

    Attributes:
        points: Shape (468, 3), in pixels of the frame: right, down, and away from the camera.
        presence: A logit: how sure it is that it was shown a face.
    """

    points: Points
    presence: float


class MeshNetwork:
    """The network, on one thread as OpenCV is told to."""

    def __init__(self, model: Path) -> None:
        """Opens the file.

        Raises:
            ConfigurationError: it is missing, cut short or another one, or OpenCV cannot run it.
        """
        _check(model)
        try:
            self._network = cv2.dnn.readNetFromTFLite(str(model))
            self._names = list(self._network.getUnconnectedOutLayersNames())
            outputs = self._run(np.zeros((SIDE_PX, SIDE_PX), np.uint8))
        except (cv2.error, AttributeError) as error:
            raise ConfigurationError(
                f"face_detector.mesh.model = '{model}' cannot be run by OpenCV {cv2.__version__}"
                f" ({error}): leave it out, or install the version that Calmloop's lock names"
            ) from error
        if sorted(output.size for output in outputs) != [1, 3 * POINTS]:
            raise ConfigurationError(
                f"face_detector.mesh.model = '{model}' gives"
                f" {', '.join(str(output.size) for output in outputs)} values by OpenCV"
                f" {cv2.__version__}, 1 and {3 * POINTS} are expected: leave it out, or install the"
                " version that Calmloop's lock names"
            )

    def look(self, frame: JpegFrame, square: Square, roll_deg: float) -> MeshPoints:
        """The points of one face.

        Args:
            frame: The camera's.
            square: The face in its pixels, as `Detection` frames it.
            roll_deg: The head's tilt, clockwise, as far as a detector tells.

        Raises:
            PayloadError: the frame is no picture.
        """
        dropped = square.moved(0.0, DROP * square.side)
        framing = MeshFraming(dropped.grown(FRAMING), roll_deg)
        for _ in range(LOOKS):
            crop = frame.crop(framing.square, SIDE_PX, framing.roll_deg)
            outputs = sorted(self._run(crop), key=lambda output: output.size)
            points = framing.to_frame(outputs[1].reshape(POINTS, 3))
            framing = MeshFraming.around(points)
            if framing.square.side < MIN_SIDE_PX:
                return MeshPoints(points, -np.inf)
        return MeshPoints(points, float(outputs[0].ravel()[0]))

    def _run(self, gray: Gray) -> list[Points]:
        """All outputs for a picture (192, 192): gray serves as well as the RGB of its training."""
        picture = cv2.cvtColor(gray, cv2.COLOR_GRAY2RGB)
        self._network.setInput(cv2.dnn.blobFromImage(picture, 1 / 255))
        return [np.asarray(output, np.float64) for output in self._network.forward(self._names)]


class MeshReader:
    """Shows the network the followed face now and then; in between, what it said last holds."""

    def __init__(
        self, network: MeshNetwork, section: MeshSection, clock: Clock | None = None
    ) -> None:
        """Takes the clock that measures its cost; without one, it costs nothing."""
        self._network = network
        self._every_s = section.every_s
        self._clock = clock or ManualClock()
        self._cost_s = 0.0
        self._last: FaceShape | None = None
        self._looked_s = float("-inf")
        self._number: int | None = None

    def read(
        self, frame: JpegFrame, square: Square, roll_deg: float, at_s: float, number: int | None
    ) -> tuple[FaceShape, float] | None:
        """What is known of a face that can be read, and how old that is in seconds.

        Args:
            frame: The camera's.
            square: The face in its pixels.
            roll_deg: The head's tilt, clockwise.
            at_s: When the frame was captured.
            number: Of whom is followed: what was seen of another one does not hold.

        Raises:
            PayloadError: the frame is no picture.
        """
        age_s = at_s - self._looked_s
        if number != self._number or not 0.0 <= age_s < max(
            self._every_s, self._cost_s / MAX_SHARE
        ):
            self._look(frame, square, roll_deg)
            self._looked_s, self._number, age_s = at_s, number, 0.0
        return None if self._last is None or age_s > MAX_AGE_S else (self._last, age_s)

    def _look(self, frame: JpegFrame, square: Square, roll_deg: float) -> None:
        began_ns = self._clock.monotonic_ns()
        mesh = self._network.look(frame, square, roll_deg)
        self._last = shape_of(mesh.points, mesh.presence)
        self._cost_s = (self._clock.monotonic_ns() - began_ns) / 1e9


def _check(model: Path) -> None:
    where = f"face_detector.mesh.model = '{model}'"
    expected = (
        f"it must be face_landmark.tflite of the package mediapipe 0.10.21, {SIZE_BYTES} bytes;"
        " the face detector's README says how to get it"
    )
    if not model.is_file():
        raise ConfigurationError(
            f"{where} is not there: check the path, or leave it out; {expected}"
        )
    size = model.stat().st_size
    try:
        content = model.read_bytes() if size == SIZE_BYTES else b""
    except OSError as error:
        raise ConfigurationError(
            f"{where} cannot be read ({error.strerror}): let this user read it; {expected}"
        ) from error
    if hashlib.sha256(content).hexdigest() != SHA256:
        fault = f"{size} bytes, {'cut short, or ' if size < SIZE_BYTES else ''}another file"
        raise ConfigurationError(f"{where} cannot be used ({fault}): {expected}")
