"""From logits to a label, or to doubt with its reason."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from calmloop.contract.messages.emotion import EMOTIONS, GROUPS, DoubtReason, Label
from calmloop.emotion_classifier.classification import Logits, ModelCalibration
from calmloop.emotion_classifier.reading import probabilities, read

CALIBRATION = ModelCalibration(temperature=1.0, min_confidence=0.5, min_confidence_positive=0.8)
any_logits = arrays(np.float32, 7, elements=st.floats(-40, 40, width=32))


def logits(**shares: float) -> Logits:
    """Logits whose softmax is `shares`; the other classes get next to nothing."""
    return np.log(np.array([shares.get(name, 1e-6) for name in EMOTIONS], np.float32))


def test_a_clear_face_gets_its_group_and_the_group_s_probability() -> None:
    reading = read(logits(happy=0.9, neutral=0.1), CALIBRATION)
    assert reading.label is Label.POSITIVE
    assert reading.confidence == pytest.approx(0.9, abs=1e-3)
    assert reading.valence == pytest.approx(0.9, abs=1e-3)
    assert reading.reason is None


def test_four_kinds_of_distress_add_up_to_negative() -> None:
    reading = read(logits(angry=0.2, disgust=0.1, fear=0.2, sad=0.15, neutral=0.35), CALIBRATION)
    assert reading.label is Label.NEGATIVE
    assert reading.confidence == pytest.approx(0.65, abs=1e-3)
    assert reading.valence == pytest.approx(-0.65, abs=1e-3)


def test_positive_needs_more_since_it_can_raise_the_stimulus() -> None:
    weak = read(logits(happy=0.7, neutral=0.3), CALIBRATION)
    assert (weak.label, weak.reason) == (Label.UNKNOWN, DoubtReason.LOW_CONFIDENCE)
    assert read(logits(neutral=0.7, happy=0.3), CALIBRATION).label is Label.NEUTRAL


@pytest.mark.parametrize(
    ("shares", "reason"),
    [
        ({"surprise": 0.8, "happy": 0.2}, DoubtReason.AMBIGUOUS),
        ({"surprise": 0.4, "happy": 0.45, "neutral": 0.15}, DoubtReason.AMBIGUOUS),
        ({"sad": 0.45, "neutral": 0.42, "happy": 0.13}, DoubtReason.AMBIGUOUS),
        ({"neutral": 0.45, "sad": 0.3, "happy": 0.25}, DoubtReason.LOW_CONFIDENCE),
    ],
)
def test_doubt_says_why(shares: dict[str, float], reason: DoubtReason) -> None:
    reading = read(logits(**shares), CALIBRATION)
    assert (reading.label, reading.confidence, reading.reason) == (Label.UNKNOWN, 0.0, reason)


def test_a_higher_temperature_makes_less_sure() -> None:
    outputs = np.array([0, 0, 0, 4, 0, 0, 1], np.float32)
    cooler = ModelCalibration(2.0, 0.5, 0.8)
    assert max(probabilities(outputs, cooler)) < max(probabilities(outputs, CALIBRATION))
    assert read(outputs, CALIBRATION).label is Label.POSITIVE
    assert read(outputs, ModelCalibration(3.0, 0.5, 0.8)).label is Label.UNKNOWN


DOUBTING = ModelCalibration(1.0, 0.5, 0.8, doubt_logit=0.0)


def test_small_logits_are_a_face_that_cannot_be_read() -> None:
    clear = np.array([0, 0, 0, 6, 0, 0, 0], np.float32)
    seen, hidden = read(clear, DOUBTING), read(clear - 9, DOUBTING)
    assert (seen.label, seen.reason) == (Label.POSITIVE, None)
    assert seen.readable == pytest.approx(1.0, abs=0.01)
    assert (hidden.label, hidden.reason) == (Label.UNKNOWN, DoubtReason.UNREADABLE)
    assert hidden.scores == pytest.approx(seen.scores)
    assert hidden.readable == pytest.approx(np.exp(-3) / (1 + np.exp(-3)), abs=0.01)
    assert hidden.valence == pytest.approx(hidden.readable * seen.valence / seen.readable)


def test_what_is_half_hidden_is_half_as_likely() -> None:
    clear = np.array([0, 0, 0, 20, 0, 0, 0], np.float32)
    half = read(clear - 20, DOUBTING)
    assert half.readable == pytest.approx(0.5)
    assert half.label is Label.UNKNOWN
    assert half.valence == pytest.approx(0.5)


def test_where_most_faces_are_neutral_a_weak_frown_is_neutral_and_a_strong_one_is_not() -> None:
    mostly = ModelCalibration(1.0, 0.5, 0.8, neutral_prior=1.0)
    weak, strong = logits(sad=0.6, neutral=0.4), logits(sad=0.9, neutral=0.1)
    assert read(weak, CALIBRATION).label is Label.NEGATIVE
    assert read(weak, mostly).label is Label.NEUTRAL
    assert read(strong, mostly).label is Label.NEGATIVE


@given(any_logits, st.floats(0, 5))
def test_a_prior_takes_from_both_sides_and_gives_to_neutral(outputs: Logits, prior: float) -> None:
    before = read(outputs, CALIBRATION)
    after = read(outputs, ModelCalibration(1.0, 0.5, 0.8, neutral_prior=prior))
    assert abs(after.valence) <= abs(before.valence) + 1e-9
    assert after.label in (before.label, Label.NEUTRAL, Label.UNKNOWN)


@given(any_logits, st.floats(-20, 20))
def test_doubt_only_takes_away(outputs: Logits, doubt_logit: float) -> None:
    doubting = read(outputs, ModelCalibration(1.0, 0.5, 0.8, doubt_logit=doubt_logit))
    sure = read(outputs, CALIBRATION)
    assert doubting.label in (sure.label, Label.UNKNOWN)
    assert doubting.confidence <= sure.confidence + 1e-9
    assert abs(doubting.valence) <= abs(sure.valence) + 1e-9


@given(any_logits)
def test_every_output_makes_a_consistent_reading(outputs: Logits) -> None:
    reading = read(outputs, CALIBRATION)
    assert sum(reading.scores.values()) == pytest.approx(1.0)
    assert -1.0 - 1e-9 <= reading.valence <= 1.0 + 1e-9
    assert (reading.label is Label.UNKNOWN) == (reading.reason is not None)
    if reading.label is not Label.UNKNOWN:
        group = sum(reading.scores[name] for name in GROUPS[reading.label])
        assert reading.confidence == pytest.approx(group)
        assert reading.confidence >= CALIBRATION.min_confidence
