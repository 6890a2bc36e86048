"""What a system says of a clip's segments: the services' own cores, and one label a segment."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from calmloop.annotate.reading import PictureReader
from calmloop.contract.messages.emotion import EMOTIONS, DoubtReason, Label
from calmloop.contract.messages.face import NoFaceReason
from calmloop.emotion_classifier import (
    EmotionClassifierSection,
    EmotionReading,
    ModelCalibration,
    judge,
)
from calmloop.face_detector import FaceDetectorSection
from calmloop.labelling.segments import Clip, Reel, Segment

MIN_READ_SHARE = 0.5
"""Share of a segment's frames that must show a readable face; below it, it is unknown."""

Unread = NoFaceReason | Literal[DoubtReason.UNREADABLE]
Seen = EmotionReading | Unread
"""One frame: what the face shows, or why it cannot be read."""


@dataclass(frozen=True)
class Prediction:
    """What a system says of one segment, and how many of its frames it could read."""

    item: str
    label: Label
    confidence: float
    valence: float
    frames: int
    read: int
    reason: DoubtReason | NoFaceReason | None


class Predictor:
    """Detector, face follower and classifier, as they run on the device."""

    def __init__(self, detector: FaceDetectorSection, classifier: EmotionClassifierSection) -> None:
        self._perception = PictureReader(detector, classifier)

    def predict(self, clip: Clip, segments: list[Segment]) -> Iterator[Prediction]:
        """One answer a segment, in the clip's order; the face is followed from one to the next.

        Raises:
            InputError: the clip has gone.
        """
        self._perception.reset()
        reel = Reel(clip.path)
        try:
            for segment in segments:
                seen = [self._see(reel, number, clip.at_s(number)) for number in segment.frames]
                yield judge_segment(segment.item, seen, self._perception.calibration)
        finally:
            reel.close()

    def _see(self, reel: Reel, number: int, at_s: float) -> Seen:
        picture = reel.picture(number)
        if picture is None:
            return NoFaceReason.BAD_FRAME
        answer = self._perception.see(picture, at_s)
        if answer.reading is not None and answer.reading.reason is DoubtReason.UNREADABLE:
            return DoubtReason.UNREADABLE
        if answer.reading is not None:
            return answer.reading
        return NoFaceReason(answer.reason or NoFaceReason.NO_FACE)


def judge_segment(item: str, seen: Sequence[Seen], calibration: ModelCalibration) -> Prediction:
    """The mean of the readable frames' probabilities, judged as those of one frame are.

    A frame counts as far as it can be read.

    Args:
        item: The segment's name.
        seen: What each of its frames showed, at least one.
        calibration: Of the network that the probabilities come from.
    """
    faces = [one for one in seen if isinstance(one, EmotionReading)]
    if len(faces) < MIN_READ_SHARE * len(seen):
        reasons = Counter(one for one in seen if not isinstance(one, EmotionReading))
        reason = reasons.most_common(1)[0][0]
        return Prediction(item, Label.UNKNOWN, 0.0, 0.0, len(seen), len(faces), reason)
    readable = np.array([face.readable for face in faces])
    scores = np.average([list(face.scores.values()) for face in faces], axis=0, weights=readable)
    mean = dict(zip(EMOTIONS, scores.tolist(), strict=True))
    reading = judge(mean, calibration, float(readable.mean()))
    return Prediction(
        item,
        reading.label,
        reading.confidence,
        reading.valence,
        len(seen),
        len(faces),
        reading.reason,
    )
