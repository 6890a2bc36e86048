"""From the JPEG of a frame to the crop of the one face that can be read, or the reason why not.

The whole of this stage without the bus: `tools/` runs it too.
"""

from dataclasses import dataclass, replace

from calmloop.base.clock import Clock
from calmloop.base.errors import PayloadError
from calmloop.contract.messages.face import FaceQuality, HeadPose, NoFaceReason
from calmloop.face_detector import quality
from calmloop.face_detector.arrays import Gray
from calmloop.face_detector.detection import Detection, Detector
from calmloop.face_detector.face_shape import FaceShape
from calmloop.face_detector.following import Follower
from calmloop.face_detector.frame import JpegFrame
from calmloop.face_detector.geometry import Region, Square
from calmloop.face_detector.head_pose import landmark_pose
from calmloop.face_detector.identity import FaceIdentity, Identities
from calmloop.face_detector.mesh import MeshNetwork, MeshReader
from calmloop.face_detector.movement import Movement
from calmloop.face_detector.settings import DETECTORS, FaceDetectorSection, SeatRegion
from calmloop.face_detector.tracks import Sight

STILL, MOVED = 0.03, 0.15
"""Shifts, in sides, up to which a square is averaged most, and from which not at all."""
STILL_SHARE = 0.35
"""What a new square counts for while the face is still: takes the jitter of the search grid,
one part in ten of a side, down to a third."""


@dataclass(frozen=True)
class Finding:
    """What one frame holds.

    Attributes:
        count: Faces believed to be there, as of the last full search.
        square: The child's face in pixels of the frame; None unless it was found in this frame.
        quality: Of that face, also where it is not good enough.
        crop: The face, shape (n, n), uint8; None unless it can be read.
        reason: Why there is no crop.
        others: Further faces believed to be there, in pixels of the frame.
        pose: How the head is turned, where the detector tells.
        identity: Whose face is followed, as far as place and size tell; None for a bad frame.
        detection: The child's face as the detector gave it, in pixels of what it searched; None
            where `square` is.
        shape: What the points of the face tell; None without a mesh, or where it is not sure.
        shape_age_s: How long before this frame they were looked at.
    """

    count: int
    square: Square | None
    quality: FaceQuality | None
    crop: Gray | None
    reason: NoFaceReason | None
    others: tuple[Square, ...] = ()
    pose: HeadPose | None = None
    identity: FaceIdentity | None = None
    detection: Detection | None = None
    shape: FaceShape | None = None
    shape_age_s: float = 0.0


def load_detector(section: FaceDetectorSection) -> Detector:
    """The detector that the settings name; a model that is set and cannot be used is an error.

    Raises:
        ConfigurationError: its model file is missing, damaged, or of another network.
    """
    return DETECTORS.chosen(section)[0].load()


BAD_FRAME = Finding(0, None, None, None, NoFaceReason.BAD_FRAME)


class FaceReader:
    """Reads frame after frame of one camera."""

    def __init__(
        self,
        detector: Detector,
        section: FaceDetectorSection,
        clock: Clock | None = None,
        movement: Movement | None = None,
    ) -> None:
        """Takes the clock that bounds a frame's search; without one, each ends in its frame.

        Each picture is also shown to `movement`, if one is given.

        Raises:
            ConfigurationError: the mesh's model is set and cannot be used.
        """
        self._section = section
        self._movement = movement
        self._follower = Follower(detector, section.follow, clock)
        self._shape: tuple[int, int] = (0, 0)
        self._steady: Square | None = None
        self._identities = Identities()
        model = section.mesh.model
        self._mesh = None if model is None else MeshReader(MeshNetwork(model), section.mesh, clock)

    def reset(self) -> None:
        """Forgets everything seen so far."""
        self._follower.reset()
        self._steady = None

    def read(
        self, jpeg: bytes, height_px: int, at_s: float, vibration_pct: float | None = None
    ) -> Finding:
        """Reads one frame.

        Args:
            jpeg: Of any size; colour or gray.
            height_px: Its full height, which decides how coarsely it is decoded.
            at_s: When it was captured, in seconds of any steady clock.
            vibration_pct: What the chair applies, 0 to 100; None where that is not known.
        """
        frame = JpegFrame(jpeg, height_px)
        try:
            gray, reduction = frame.reduced_to(self._section.search_height_px)
            if gray.shape != self._shape:
                self.reset()
                self._shape = (gray.shape[0], gray.shape[1])
            sight = self._follower.see(gray, at_s)
            finding = self._judge(frame, sight, reduction)
            seat = _in_pixels(self._section.follow.seat, gray)
            identity = self._identities.see(sight, seat, at_s)
            finding = replace(finding, identity=identity)
            finding = self._with_pose(finding, frame, at_s)
        except PayloadError:
            return BAD_FRAME
        if self._movement is not None:
            seen = None if self._steady is None else self._steady.scaled(1 / reduction)
            self._movement.see(gray, seen, at_s, vibration_pct, identity.number)
        return finding

    def _with_pose(self, finding: Finding, frame: JpegFrame, at_s: float) -> Finding:
        """Adds how the head is turned: by the mesh where it tells, else by the landmarks."""
        detection, identity = finding.detection, finding.identity
        if detection is None:
            return finding
        read = None
        if self._mesh and finding.square and identity and finding.crop is not None:
            number = identity.number
            read = self._mesh.read(frame, finding.square, detection.roll_deg, at_s, number)
        if read is not None:
            return replace(finding, pose=read[0].pose, shape=read[0], shape_age_s=read[1])
        landmarks = detection.landmarks
        return replace(finding, pose=landmark_pose(landmarks) if landmarks else None)

    def _judge(self, frame: JpegFrame, sight: Sight, reduction: int) -> Finding:
        others = tuple(square.scaled(reduction) for square in sight.others)
        if sight.subject is None:
            self._steady = None
            reason = NoFaceReason.SEARCHING if sight.searching else NoFaceReason.NO_FACE
            return Finding(sight.count, None, None, None, reason, others)
        square = steadied(self._steady, sight.subject.square.scaled(reduction))
        self._steady = square
        framed = self._section.crop
        area = Square(square.x, square.y, framed.framing * square.side)
        crop = frame.crop(area, framed.size_px, sight.subject.roll_deg)
        measured = quality.measure(crop, square.side, sight.subject.frontalness)
        fault = quality.fault(measured, self._section.quality)
        doubt = NoFaceReason.SEVERAL_FACES if sight.several else fault
        return Finding(
            sight.count,
            square,
            measured,
            None if doubt else crop,
            doubt,
            others,
            detection=sight.subject,
        )


def _in_pixels(seat: SeatRegion, gray: Gray) -> Region:
    height, width = gray.shape
    return Region(
        round(seat.left * width),
        round(seat.top * height),
        round(seat.right * width),
        round(seat.bottom * height),
    )


def steadied(last: Square | None, now: Square) -> Square:
    """A detected square less its jitter: averaged with the last one unless the face has moved."""
    if last is None:
        return now
    shift = max(last.distance(now), abs(last.side - now.side) / now.side)
    moving = min(1.0, max(0.0, (shift - STILL) / (MOVED - STILL)))
    share = STILL_SHARE + (1.0 - STILL_SHARE) * moving
    return Square(
        last.x + share * (now.x - last.x),
        last.y + share * (now.y - last.y),
        last.side + share * (now.side - last.side),
    )
