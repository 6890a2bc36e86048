"""Every face of a picture with its box and emotion, by the services' own cores."""

from dataclasses import dataclass

from calmloop.camera.picture import Picture, encode_jpeg
from calmloop.emotion_classifier.backends.tflite import TfliteClassifier
from calmloop.emotion_classifier.reading import Reading, read
from calmloop.emotion_classifier.settings import EmotionClassifierSection
from calmloop.face_detector.backends import load
from calmloop.face_detector.frame import Frame
from calmloop.face_detector.geometry import Square
from calmloop.face_detector.settings import FaceDetectorSection

JPEG_QUALITY = 95


@dataclass(frozen=True)
class Face:
    """One face: its square in pixels of the picture, and what it shows."""

    square: Square
    reading: Reading


class Annotator:
    """Reads single pictures: unlike the service it follows no face, and shows all of them."""

    def __init__(self, detector: FaceDetectorSection, classifier: EmotionClassifierSection) -> None:
        self._section = detector
        self._detector = load(detector)
        self._classifier = TfliteClassifier(classifier.model, classifier.runtime)

    def read(self, picture: Picture) -> list[Face]:
        """Finds and reads the faces of one picture (BGR, uint8), the largest first.

        Raises:
            BadMessage: the picture cannot be encoded as JPEG and decoded again.
        """
        height_px = picture.shape[0]
        frame = Frame(encode_jpeg(picture, JPEG_QUALITY), height_px)
        gray, reduction = frame.reduced_to(self._section.search_height_px)
        smallest_px = self._section.follow.smallest_face * gray.shape[0]
        found = [
            detection.square.scaled(reduction)
            for detection in self._detector.detect(gray, smallest_px, min(gray.shape))
            if detection.sure
        ]
        found.sort(key=lambda square: -square.side)
        return [Face(square, self._emotion(frame, square)) for square in found]

    def _emotion(self, frame: Frame, square: Square) -> Reading:
        crop = self._section.crop
        framed = Square(square.x, square.y, crop.framing * square.side)
        logits = self._classifier.logits(frame.crop(framed, crop.size_px))
        return read(logits, self._classifier.calibration)
