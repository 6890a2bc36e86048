"""Runs the emotion classifier: `python -m calmloop.emotion_classifier`."""

import sys

from calmloop.contract.topics import Account
from calmloop.emotion_classifier.service import EmotionClassifierService
from calmloop.emotion_classifier.settings import Settings
from calmloop.service.runtime import run

if __name__ == "__main__":
    sys.exit(
        run(
            Account.EMOTION_CLASSIFIER,
            Settings,
            EmotionClassifierService,
            share_group=lambda settings: settings.emotion_classifier.group(),
        )
    )
