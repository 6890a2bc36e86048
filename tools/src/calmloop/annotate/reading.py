"""What the services say of a picture, by their own cores: the tools' one way to read pictures."""

from dataclasses import dataclass

from calmloop.base.clock import Clock
from calmloop.camera import CameraSection, Picture, encode_jpeg, fit
from calmloop.contract.messages.emotion import DoubtReason, Label
from calmloop.contract.messages.face import NoFaceReason
from calmloop.emotion_classifier import EmotionClassifierSection, EmotionReader, EmotionReading
from calmloop.face_detector import FaceDetectorSection, FaceReader, Finding, Square, load_detector


@dataclass(frozen=True)
class FaceAnnotation:
    """What the services say of one picture.

    Attributes:
        square: The child's face in pixels of the picture; None if none was found.
        reading: What it shows; None if it cannot be read.
        reason: Why the label is unknown.
        others: Further faces that are believed to be there, in pixels of the picture.
    """

    square: Square | None
    reading: EmotionReading | None
    reason: NoFaceReason | DoubtReason | None
    others: tuple[Square, ...] = ()

    @property
    def label(self) -> Label:
        """As in `emotion/state`."""
        return Label.UNKNOWN if self.reading is None else self.reading.label


class PictureReader:
    """Camera's size and JPEG, face detector and emotion classifier, one after another."""

    def __init__(
        self,
        detector: FaceDetectorSection,
        classifier: EmotionClassifierSection,
        clock: Clock | None = None,
    ) -> None:
        """Takes the clock that bounds a picture's search; without one, each ends in its picture.

        Raises:
            ConfigurationError: a model is missing or cannot be used.
        """
        self._camera = CameraSection()
        self._confirm_looks = detector.follow.confirm_looks
        self._faces = FaceReader(load_detector(detector), detector, clock)
        self._emotions = EmotionReader(classifier)
        self.calibration = self._emotions.calibration

    def reset(self) -> None:
        """Forgets the faces seen so far."""
        self._faces.reset()

    def see(self, picture: Picture, at_s: float) -> FaceAnnotation:
        """One picture of many (BGR, uint8), taken at `at_s`: the face is followed."""
        small = fit(picture, self._camera.width_px, self._camera.height_px)
        jpeg = encode_jpeg(small, self._camera.jpeg_quality)
        return self.see_jpeg(jpeg, small.shape[0], at_s, picture.shape[0] / small.shape[0])

    def see_still(self, picture: Picture) -> FaceAnnotation:
        """A picture by itself: shown until the face in it is believed, or there is none."""
        self.reset()
        answer = self.see(picture, 0.0)
        for look in range(1, self._confirm_looks):
            if answer.reason is not NoFaceReason.SEARCHING:
                break
            answer = self.see(picture, look / self._camera.fps)
        return answer

    def see_jpeg(
        self, jpeg: bytes, height_px: int, at_s: float, scale: float = 1.0
    ) -> FaceAnnotation:
        """The same for a camera's frame; squares are given in its pixels times `scale`."""
        return self._answer(self._faces.read(jpeg, height_px, at_s), scale)

    def _answer(self, finding: Finding, scale: float) -> FaceAnnotation:
        square = None if finding.square is None else finding.square.scaled(scale)
        others = tuple(other.scaled(scale) for other in finding.others)
        if finding.crop is None:
            return FaceAnnotation(square, None, finding.reason, others)
        reading = self._emotions.read(finding.crop)
        return FaceAnnotation(square, reading, reading.reason, others)
