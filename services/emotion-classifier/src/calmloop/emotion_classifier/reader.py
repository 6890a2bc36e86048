"""From a face's crop to what it shows, under this stage's settings.

The whole of this stage without the bus: `tools/` runs it too.
"""

from dataclasses import replace

from calmloop.emotion_classifier.classification import Classifier, Gray, Logits, ModelCalibration
from calmloop.emotion_classifier.reading import EmotionReading, read
from calmloop.emotion_classifier.settings import RUNTIMES, EmotionClassifierSection
from calmloop.emotion_classifier.temporal_tflite import TemporalTflite
from calmloop.emotion_classifier.tflite import TfliteClassifier


def load_classifier(section: EmotionClassifierSection) -> Classifier:
    """The network and the runtime that the settings name.

    Raises:
        ConfigurationError: the model, its card or the runtime is missing or cannot be used.
    """
    return TfliteClassifier(section.model, RUNTIMES.chosen(section))


def load_temporal(section: EmotionClassifierSection) -> TemporalTflite | None:
    """The network that weighs a face's last seconds; None where the settings name none.

    Raises:
        ConfigurationError: it, its card or the runtime is missing or cannot be used, or it reads
            the answers of another network than `section.model`.
    """
    if section.temporal is None:
        return None
    return TemporalTflite(section.temporal, section.model, RUNTIMES.chosen(section))


class EmotionReader:
    """Reads each face by itself and remembers nothing.

    Attributes:
        name: The network's.
        calibration: The network's own, with the limits that the settings name instead.
    """

    def __init__(self, section: EmotionClassifierSection) -> None:
        """Loads the network.

        Raises:
            ConfigurationError: the model or its card is missing or cannot be used.
        """
        self._classifier: Classifier = load_classifier(section)
        self.name = self._classifier.name
        self.calibration = _overridden(self._classifier.calibration, section)

    def logits(self, crop: Gray) -> Logits:
        """The network's output for a face; the crop is square, of any size, uint8."""
        return self._classifier.logits(crop)

    def read(self, crop: Gray) -> EmotionReading:
        """What a face shows; the crop is square, of any size, uint8."""
        return read(self.logits(crop), self.calibration)


def _overridden(
    calibration: ModelCalibration, section: EmotionClassifierSection
) -> ModelCalibration:
    overrides = {
        "min_confidence": section.min_confidence,
        "min_confidence_positive": section.min_confidence_positive,
    }
    return replace(calibration, **{k: v for k, v in overrides.items() if v is not None})
