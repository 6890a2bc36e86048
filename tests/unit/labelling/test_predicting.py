"""One label a segment: the mean of what its faces show, and doubt where too few can be read."""

from pathlib import Path

import pytest

from calmloop.bench.clip import render
from calmloop.contract.messages.emotion import EMOTIONS, DoubtReason, Label
from calmloop.contract.messages.face import NoFaceReason
from calmloop.emotion_classifier.classification import ModelCalibration
from calmloop.emotion_classifier.reading import judge
from calmloop.emotion_classifier.settings import EmotionClassifierSection
from calmloop.face_detector.settings import FaceDetectorSection
from calmloop.labelling.predicting import Predictor, Seen, judge_segment
from calmloop.labelling.segments import open_clip, segments_of

CALIBRATION = ModelCalibration(temperature=1.0, min_confidence=0.5, min_confidence_positive=0.7)
DARK, BLURRED = NoFaceReason.TOO_DARK, NoFaceReason.TOO_BLURRED


def face(readable: float = 1.0, **shares: float) -> Seen:
    assert sum(shares.values()) == pytest.approx(1.0)
    scores = {name: shares.get(name, 0.0) for name in EMOTIONS}
    return judge(scores, CALIBRATION, readable)


def test_the_mean_of_the_frames_decides_not_the_most_frames() -> None:
    weak_majority = [face(neutral=0.51, happy=0.49)] * 8 + [face(happy=1.0)] * 7
    said = judge_segment("a", weak_majority, CALIBRATION)
    assert said.label is Label.POSITIVE
    assert said.confidence == pytest.approx((8 * 0.49 + 7 * 1.0) / 15)
    assert said.valence == pytest.approx(said.confidence)
    assert (said.item, said.frames, said.read, said.reason) == ("a", 15, 15, None)


def test_the_groups_are_summed_before_they_are_compared() -> None:
    frames = [face(angry=0.3, fear=0.3, neutral=0.4), face(sad=0.6, neutral=0.4)]
    assert judge_segment("a", frames, CALIBRATION).label is Label.NEGATIVE


def test_a_mean_below_the_threshold_is_unknown() -> None:
    """Each frame by itself is sure enough."""
    torn = [face(happy=0.9, neutral=0.1), face(sad=0.9, neutral=0.1)]
    said = judge_segment("a", torn * 4, CALIBRATION)
    assert (said.label, said.confidence) == (Label.UNKNOWN, 0.0)
    assert said.reason is DoubtReason.AMBIGUOUS


def test_a_frame_counts_as_far_as_it_can_be_read() -> None:
    half = judge_segment("a", [face(neutral=1.0, readable=0.6)], CALIBRATION)
    assert half.confidence == pytest.approx(0.6)
    both = judge_segment("a", [face(neutral=1.0), face(sad=1.0, readable=0.6)], CALIBRATION)
    assert (both.label, both.confidence) == (Label.UNKNOWN, 0.0)
    assert both.valence == pytest.approx(-0.3)


def test_positive_needs_more_than_the_others() -> None:
    positive = judge_segment("a", [face(happy=0.6, neutral=0.4)], CALIBRATION)
    neutral = judge_segment("a", [face(neutral=0.6, happy=0.4)], CALIBRATION)
    assert (positive.label, positive.reason) == (Label.UNKNOWN, DoubtReason.LOW_CONFIDENCE)
    assert neutral.label is Label.NEUTRAL


def test_half_of_the_frames_must_show_a_readable_face() -> None:
    half = judge_segment("a", [face(neutral=1.0)] * 3 + [DARK] * 3, CALIBRATION)
    assert (half.label, half.read, half.reason) == (Label.NEUTRAL, 3, None)
    fewer = judge_segment("a", [face(neutral=1.0)] * 3 + [BLURRED] + [DARK] * 3, CALIBRATION)
    assert (fewer.label, fewer.confidence, fewer.frames) == (Label.UNKNOWN, 0.0, 7)
    assert (fewer.read, fewer.reason) == (3, DARK)


def test_the_shipped_cores_read_a_clip_and_the_same_again(tmp_path: Path) -> None:
    target = tmp_path / "child.mp4"
    render(target, 1.0)
    clip = open_clip(target)
    predictor = Predictor(FaceDetectorSection(), EmotionClassifierSection())
    first = list(predictor.predict(clip, segments_of(clip, 0.5)))
    assert [one.frames for one in first] == [8, 8]
    assert first[1].read == 8
    assert list(predictor.predict(clip, segments_of(clip, 0.5))) == first
