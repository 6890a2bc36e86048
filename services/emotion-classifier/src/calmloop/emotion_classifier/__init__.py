"""Reads an emotion, or doubt, from the crop of one face.

What tools may use of this stage stands below; each name is loaded when it is first used, since
settings are read without numpy and without a runtime of networks.
"""

from typing import TYPE_CHECKING

from calmloop.base.lazy import lazy_names

if TYPE_CHECKING:
    from calmloop.emotion_classifier.card import (
        MAX_VERSION_LENGTH,
        NAME_PATTERN,
        CardError,
        FileCard,
        FramingSpec,
        InputSpec,
        ModelCard,
        OutputSpec,
        Thresholds,
        card_path,
        check_digest,
        digest,
        read_card,
    )
    from calmloop.emotion_classifier.classification import ModelCalibration
    from calmloop.emotion_classifier.over_time import OverTime, Sighting
    from calmloop.emotion_classifier.reader import EmotionReader, load_classifier
    from calmloop.emotion_classifier.reading import EmotionReading, judge, read, unknown_state
    from calmloop.emotion_classifier.settings import RUNTIMES, EmotionClassifierSection
    from calmloop.emotion_classifier.temporal_card import (
        TEMPORAL_FEATURES,
        TEMPORAL_LABELS,
        FrameNetwork,
        TemporalCard,
    )
    from calmloop.emotion_classifier.temporal_tflite import TemporalTflite

__all__ = [
    "MAX_VERSION_LENGTH",
    "NAME_PATTERN",
    "RUNTIMES",
    "TEMPORAL_FEATURES",
    "TEMPORAL_LABELS",
    "CardError",
    "EmotionClassifierSection",
    "EmotionReader",
    "EmotionReading",
    "FileCard",
    "FrameNetwork",
    "FramingSpec",
    "InputSpec",
    "ModelCalibration",
    "ModelCard",
    "OutputSpec",
    "OverTime",
    "Sighting",
    "TemporalCard",
    "TemporalTflite",
    "Thresholds",
    "card_path",
    "check_digest",
    "digest",
    "judge",
    "load_classifier",
    "read",
    "read_card",
    "unknown_state",
]

__getattr__ = lazy_names(
    __name__,
    {
        "card": (
            "MAX_VERSION_LENGTH",
            "NAME_PATTERN",
            "CardError",
            "FileCard",
            "FramingSpec",
            "InputSpec",
            "ModelCard",
            "OutputSpec",
            "Thresholds",
            "card_path",
            "check_digest",
            "digest",
            "read_card",
        ),
        "classification": ("ModelCalibration",),
        "over_time": ("OverTime", "Sighting"),
        "reader": ("EmotionReader", "load_classifier"),
        "reading": ("EmotionReading", "judge", "read", "unknown_state"),
        "settings": ("RUNTIMES", "EmotionClassifierSection"),
        "temporal_card": ("TEMPORAL_FEATURES", "TEMPORAL_LABELS", "FrameNetwork", "TemporalCard"),
        "temporal_tflite": ("TemporalTflite",),
    },
)
