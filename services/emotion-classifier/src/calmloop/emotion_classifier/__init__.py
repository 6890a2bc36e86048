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
    from calmloop.emotion_classifier.reader import EmotionReader, load_classifier
    from calmloop.emotion_classifier.reading import EmotionReading, judge, read
    from calmloop.emotion_classifier.settings import EmotionClassifierSection

__all__ = [
    "MAX_VERSION_LENGTH",
    "NAME_PATTERN",
    "CardError",
    "EmotionClassifierSection",
    "EmotionReader",
    "EmotionReading",
    "FramingSpec",
    "InputSpec",
    "ModelCalibration",
    "ModelCard",
    "OutputSpec",
    "Thresholds",
    "card_path",
    "check_digest",
    "digest",
    "judge",
    "load_classifier",
    "read",
    "read_card",
]

__getattr__ = lazy_names(
    __name__,
    {
        "card": (
            "MAX_VERSION_LENGTH",
            "NAME_PATTERN",
            "CardError",
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
        "reader": ("EmotionReader", "load_classifier"),
        "reading": ("EmotionReading", "judge", "read"),
        "settings": ("EmotionClassifierSection",),
    },
)
