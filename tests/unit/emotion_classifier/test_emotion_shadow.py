"""A shadow answers the same crops, nothing obeys it, and it is never taken for the classifier."""

import numpy as np
import pytest
import structlog

from calmloop.base.clock import ManualClock
from calmloop.base.errors import ConfigurationError
from calmloop.base.settings import load
from calmloop.contract import topics
from calmloop.contract.messages.face import FaceHeader
from calmloop.contract.topics import Account
from calmloop.emotion_classifier.service import EmotionClassifierService
from calmloop.emotion_classifier.settings import EmotionClassifierSection, Settings
from calmloop.service.runtime import Context, Loop
from tests.doubles import MemoryTransport, memory_bus

SIZE_PX = 48
CROP = np.random.default_rng(5).integers(0, 256, SIZE_PX**2, dtype=np.uint8).tobytes()
BEAT = {"service": "emotion-classifier", "instance": "test"}


def after_a_crop(shadow: str) -> MemoryTransport:
    """What a classifier with this setting has published after one crop and one turn."""
    clock = ManualClock()
    bus, transport = memory_bus(Account.EMOTION_CLASSIFIER, clock)
    section = EmotionClassifierSection(shadow=shadow, share_group="replicas")
    settings = Settings(instance="test", emotion_classifier=section)
    service = EmotionClassifierService(Context(settings, bus, clock, structlog.get_logger("test")))
    header = FaceHeader(frame_seq=1, captured_ns=1, size_px=SIZE_PX)
    transport.send(topics.FACE_CROP, header, data=CROP)
    bus.wake()
    Loop(bus, service, clock, None).turn()
    return transport


def test_a_shadow_says_what_the_classifier_would_on_a_topic_of_its_own() -> None:
    (obeyed,) = after_a_crop("").messages(topics.EMOTION_STATE)
    shadow = after_a_crop("large")
    (state,) = shadow.messages(topics.EMOTION_SHADOW, name="large")
    assert not shadow.messages(topics.EMOTION_STATE)
    assert (state.label, state.scores) == (obeyed.label, obeyed.scores)


def test_a_shadow_does_not_beat_so_that_a_dead_classifier_is_missed() -> None:
    assert after_a_crop("").messages(topics.HEARTBEAT, **BEAT)
    assert not after_a_crop("large").messages(topics.HEARTBEAT, **BEAT)


def test_a_shadow_takes_no_crop_away_from_the_replicas() -> None:
    assert EmotionClassifierSection(share_group="replicas").group() == "replicas"
    assert EmotionClassifierSection(share_group="replicas", shadow="large").group() == ""


def test_nothing_that_moves_a_chair_may_read_a_shadow() -> None:
    people = {Account.CAREGIVER_CONSOLE, Account.MONITOR}
    assert topics.EMOTION_SHADOW.readers == people
    assert topics.EMOTION_SHADOW.writers == {Account.EMOTION_CLASSIFIER}


def test_a_shadow_without_an_instance_name_of_its_own_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CALMLOOP_EMOTION_CLASSIFIER__SHADOW", "large")
    with pytest.raises(ConfigurationError, match="needs an instance name of its own"):
        load(Settings)
    monkeypatch.setenv("CALMLOOP_INSTANCE", "large")
    assert load(Settings).emotion_classifier.shadow == "large"
