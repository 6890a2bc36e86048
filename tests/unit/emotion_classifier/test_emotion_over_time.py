"""The last seconds of a face: whose they are, when they are forgotten, what they may change."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from calmloop.contract.messages.emotion import EMOTIONS, GROUPS, DoubtReason, Label
from calmloop.emotion_classifier.classification import Logits, ModelCalibration
from calmloop.emotion_classifier.over_time import (
    GAP_S,
    MAX_TRACKS,
    OverTime,
    Sighting,
    TemporalFaultError,
    weighed,
)
from calmloop.emotion_classifier.reading import EmotionReading, read

CALIBRATION = ModelCalibration(1.0, 0.5, 0.8, doubt_logit=-4.0)
NEUTRAL_FACE = 6 * np.eye(7, dtype=np.float32)[EMOTIONS.index("neutral")]
SAD_FACE = 6 * np.eye(7, dtype=np.float32)[EMOTIONS.index("sad")]
HAPPY_FACE = 6 * np.eye(7, dtype=np.float32)[EMOTIONS.index("happy")]
UNREADABLE_FACE = np.full(7, -20, np.float32)
UNSURE_FACE = 6 * np.eye(7, dtype=np.float32)[EMOTIONS.index("surprise")]
any_logits = arrays(np.float32, 7, elements=st.floats(-40, 40, width=32))
any_shares = arrays(np.float64, 3, elements=st.floats(0, 1)).map(
    lambda drawn: ((drawn + 1e-9) / (drawn + 1e-9).sum()).tolist()
)


class ScriptedNetwork:
    """Says what it is told to, and keeps what it was asked."""

    frames = 5
    window_s = 2.0

    def __init__(self) -> None:
        self.says = [0.05, 0.9, 0.05]
        self.fails = False
        self.asked: list[tuple[NDArray[np.float32], list[float]]] = []

    def likely(
        self, answers: NDArray[np.float32], ago_s: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        self.asked.append((answers, [round(float(one), 3) for one in ago_s]))
        if self.fails:
            raise TemporalFaultError("torn")
        return np.array(self.says)


class Watched:
    """Faces over time, with the network behind them."""

    def __init__(self) -> None:
        self.network = ScriptedNetwork()
        self.faults: list[str] = []
        self.over_time = OverTime(
            self.network, CALIBRATION, lambda error: self.faults.append(str(error))
        )

    def see(
        self, at_s: float, face: Logits = NEUTRAL_FACE, track: str | None = "a", host: str = "h"
    ) -> EmotionReading:
        sighting = Sighting(track, round(at_s * 1e9), host)
        return self.over_time.read(sighting, face, read(face, CALIBRATION))

    @property
    def ago_s(self) -> list[float]:
        """Of the window that was asked last."""
        return self.network.asked[-1][1]


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_a_window_holds_the_answers_of_one_face_oldest_first(watched: Watched) -> None:
    watched.see(10.0, NEUTRAL_FACE, "a")
    watched.see(10.1, SAD_FACE, "b")
    watched.see(10.2, HAPPY_FACE, "a")
    answers, ago_s = watched.network.asked[-1]
    np.testing.assert_array_equal(answers, [NEUTRAL_FACE, HAPPY_FACE])
    assert ago_s == [0.2, 0.0]


def test_it_goes_back_as_far_as_the_network_was_taught_and_no_further(watched: Watched) -> None:
    for frame in range(6):
        watched.see(10 + 0.45 * frame)
    assert watched.ago_s == [1.8, 1.35, 0.9, 0.45, 0.0]
    for frame in range(9):
        watched.see(20 + 0.1 * frame)
    assert watched.ago_s == [0.4, 0.3, 0.2, 0.1, 0.0]


@pytest.mark.parametrize(
    ("second_s", "host"), [(10.01 + GAP_S, "h"), (9.9, "h"), (10.0, "h"), (10.1, "another")]
)
def test_after_a_gap_or_on_another_clock_a_face_begins_anew(
    watched: Watched, second_s: float, host: str
) -> None:
    watched.see(10.0)
    watched.see(second_s, host=host)
    assert watched.ago_s == [0.0]


def test_a_short_gap_is_none(watched: Watched) -> None:
    watched.see(10.0)
    watched.see(10.0 + GAP_S)
    assert watched.ago_s == [GAP_S, 0.0]


def test_what_cannot_be_read_is_not_kept_and_stays_unknown(watched: Watched) -> None:
    watched.see(10.0)
    hidden = watched.see(10.2, UNREADABLE_FACE)
    assert (hidden.label, hidden.reason) == (Label.UNKNOWN, DoubtReason.UNREADABLE)
    watched.see(10.4)
    assert watched.ago_s == [0.4, 0.0]
    watched.see(10.8, UNREADABLE_FACE)
    watched.see(11.0)
    assert watched.ago_s == [0.0]


def test_what_is_unsure_is_kept_and_stays_unknown(watched: Watched) -> None:
    assert watched.see(10.0, UNSURE_FACE) == read(UNSURE_FACE, CALIBRATION)
    assert not watched.network.asked
    watched.see(10.1)
    assert watched.ago_s == [0.1, 0.0]


def test_where_nobody_is_followed_each_face_stands_by_itself(watched: Watched) -> None:
    for frame in range(3):
        assert watched.see(10 + frame / 10, track=None) == read(NEUTRAL_FACE, CALIBRATION)
    assert not watched.network.asked
    assert not len(watched.over_time)


def test_ever_new_faces_take_no_more_memory(watched: Watched) -> None:
    for number in range(500):
        watched.see(10 + number / 100, track=f"t-{number}")
        assert len(watched.over_time) <= MAX_TRACKS
    watched.see(15.1, track="t-499")
    assert len(watched.ago_s) == 2
    watched.over_time.forget()
    assert not len(watched.over_time)


def test_a_fault_is_told_and_the_frame_s_own_answer_stands(watched: Watched) -> None:
    watched.see(10.0, SAD_FACE)
    watched.network.fails = True
    assert watched.see(10.1, SAD_FACE) == read(SAD_FACE, CALIBRATION)
    assert watched.faults == ["torn"]
    watched.network.fails = False
    assert watched.see(10.2, SAD_FACE).label is Label.NEUTRAL
    assert watched.ago_s == [0.0]


def test_a_frown_among_neutral_faces_is_neutral(watched: Watched) -> None:
    own = read(SAD_FACE, CALIBRATION)
    said = watched.see(10.0, SAD_FACE)
    assert (own.label, said.label) == (Label.NEGATIVE, Label.NEUTRAL)
    kept = 1 - own.scores["surprise"]
    assert said.scores["neutral"] == pytest.approx(
        0.9 * kept + (0.05 * kept - own.scores["happy"]) * _neutral_of_others(own)
    )
    assert said.scores["angry"] / said.scores["sad"] == pytest.approx(
        own.scores["angry"] / own.scores["sad"]
    )


def _neutral_of_others(own: EmotionReading) -> float:
    others = own.scores["neutral"] + sum(own.scores[one] for one in GROUPS[Label.NEGATIVE])
    return own.scores["neutral"] / others


def test_a_smile_among_sad_faces_is_doubted_and_a_sad_face_among_smiles_is_no_smile(
    watched: Watched,
) -> None:
    watched.network.says = [0.45, 0.45, 0.1]
    doubted = watched.see(10.0, HAPPY_FACE)
    assert (doubted.label, doubted.reason) == (Label.UNKNOWN, DoubtReason.AMBIGUOUS)
    watched.network.says = [0.0, 0.0, 1.0]
    own, said = read(SAD_FACE, CALIBRATION), watched.see(10.1, SAD_FACE)
    assert said.label is Label.NEGATIVE
    assert said.scores == pytest.approx(own.scores)


@given(any_logits, any_shares, st.floats(-20, 20), st.floats(0, 1), st.floats(0, 1))
def test_it_names_nothing_that_the_frame_cannot_tell_and_raises_nothing(
    logits: Logits, likely: list[float], doubt_logit: float, least: float, least_positive: float
) -> None:
    calibration = ModelCalibration(1.0, least, least_positive, doubt_logit=doubt_logit)
    own = read(logits, calibration)
    said = weighed(own, likely, calibration)
    if own.label is Label.UNKNOWN:
        assert said == own
    if said.label is Label.POSITIVE:
        assert own.label is Label.POSITIVE
        assert said.confidence <= own.confidence + 1e-9
    assert said.scores["happy"] <= own.scores["happy"] + 1e-9
    assert said.scores["surprise"] == own.scores["surprise"]
    assert said.readable == own.readable
    assert sum(said.scores.values()) == pytest.approx(1.0)
    assert min(said.scores.values()) >= 0
