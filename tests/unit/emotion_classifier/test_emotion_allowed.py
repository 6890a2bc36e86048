"""In school and at work no emotion is read from a face, but on a recorded ground."""

import numpy as np
import pytest
import structlog

from calmloop.base.clock import ManualClock
from calmloop.base.use_context import UseContext
from calmloop.contract import topics
from calmloop.contract.messages.caregiver import CaregiverPresence
from calmloop.contract.messages.emotion import DoubtReason, EmotionState
from calmloop.contract.messages.face import FaceHeader
from calmloop.contract.topics import Account
from calmloop.emotion_classifier.service import EmotionClassifierService
from calmloop.emotion_classifier.settings import Settings
from calmloop.service.runtime import Context
from tests.doubles import memory_bus

SIZE_PX = 48
CROP = np.random.default_rng(5).integers(0, 256, SIZE_PX**2, dtype=np.uint8).tobytes()


class Classifier:
    """The service of one place, on a bus in memory."""

    def __init__(self, place: UseContext) -> None:
        clock = ManualClock()
        self._bus, self._transport = memory_bus(Account.EMOTION_CLASSIFIER, clock)
        settings = Settings(use_context=place)
        log = structlog.get_logger("test")
        EmotionClassifierService(Context(settings, self._bus, clock, log))

    def read(self) -> EmotionState:
        header = FaceHeader(frame_seq=1, captured_ns=1, size_px=SIZE_PX)
        self._transport.send(topics.FACE_CROP, header, data=CROP)
        self._bus.dispatch()
        return self._transport.messages(topics.EMOTION_STATE)[-1]

    def hear(self, *, ground: bool) -> None:
        self._transport.send(topics.CAREGIVER_STATE, CaregiverPresence(face_ground=ground))
        self._bus.dispatch()

    @property
    def is_refused(self) -> bool:
        said = self.read()
        refused = said.reason is DoubtReason.NOT_ALLOWED
        assert refused == (not said.scores)
        return refused


@pytest.mark.parametrize("place", UseContext)
def test_only_in_school_and_at_work_nothing_is_read(place: UseContext) -> None:
    assert Classifier(place).is_refused is (place in {UseContext.SCHOOL, UseContext.WORK})


def test_a_ground_counts_until_it_is_taken_back() -> None:
    classifier = Classifier(UseContext.SCHOOL)
    classifier.hear(ground=True)
    assert not classifier.is_refused
    classifier.hear(ground=False)
    assert classifier.is_refused


def test_what_the_console_says_changes_nothing_where_no_ground_is_needed() -> None:
    classifier = Classifier(UseContext.CLINIC)
    classifier.hear(ground=False)
    assert not classifier.is_refused
