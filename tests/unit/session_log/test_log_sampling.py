"""Twice a second of a session there is a sample; what is not known is null."""

from calmloop.base.clock import ManualClock
from calmloop.base.freshness import Ages, Received
from calmloop.contract.messages.base import SignalKind
from calmloop.contract.messages.biosignal import HeartState
from calmloop.contract.messages.chair import Applied, ChairMode, ChairState
from calmloop.contract.messages.emotion import EmotionState, Label
from calmloop.session_log.records import LogSample
from calmloop.session_log.sampling import sample_of
from calmloop.session_log.senses import TOGETHER, HeardSenses


def reading(label: Label, confidence: float = 0.0, valence: float = 0.0) -> EmotionState:
    return EmotionState(
        frame_seq=1, captured_ns=1, label=label, confidence=confidence, valence=valence
    )


def test_a_sample_has_the_group_that_most_readings_were_in_and_how_many_were_known() -> None:
    readings = [
        reading(Label.POSITIVE, 0.9, 0.8),
        reading(Label.POSITIVE, 0.7, 0.6),
        reading(Label.NEUTRAL, 0.5),
        reading(Label.UNKNOWN),
    ]
    sample = sample_of(5, readings, None, None, None, None, None)
    assert (sample.emotion, sample.confidence, sample.coverage) == ("positive", 0.8, 0.75)
    assert sample.valence == 0.467


def test_doubt_alone_is_unknown_with_no_coverage_and_no_reading_is_null() -> None:
    sample = sample_of(5, [reading(Label.UNKNOWN)] * 3, None, None, None, None, None)
    assert (sample.emotion, sample.coverage, sample.valence) == ("unknown", 0, None)
    assert sample_of(5, [], None, None, None, None, None) == LogSample(at_ms=5)


def test_what_is_too_old_is_not_sampled_and_no_session_has_no_samples() -> None:
    clock = ManualClock()
    senses = HeardSenses(Ages(clock, "here"), clock)
    chair = ChairState(mode=ChairMode.ACTIVE, applied=Applied(vibration_pct=30, sound_pct=12))
    heart = HeartState(source_kind=SignalKind.LIVE, rate_bpm=92)
    senses.chair.put(Received(chair, clock.monotonic_ns()))
    senses.heart.put(Received(heart, clock.monotonic_ns()))
    assert senses.take("") == ("", [])
    assert senses.rest() == ("", [])
    senses.take("s1")
    clock.advance(0.6)
    senses.take("s1")
    session, (first, second) = senses.rest()
    assert session == "s1"
    assert (first.vibration_pct, first.sound_pct, first.heart_bpm) == (30, 12, 92)
    assert (second.vibration_pct, second.heart_bpm) == (None, 92)


def test_samples_come_by_a_schedule_and_are_handed_out_together() -> None:
    clock = ManualClock()
    senses = HeardSenses(Ages(clock, "here"), clock)
    kept: list[tuple[str, list[LogSample]]] = []
    for turn in range(160):
        kept.append(senses.take("s1"))
        # A loop that turns at 4 Hz, and late by now and then.
        clock.advance(0.25 if turn % 7 else 0.31)
    batches = [samples for session, samples in kept if samples]
    taken = sum(map(len, batches)) + len(senses.rest()[1])
    assert {len(batch) for batch in batches} == {TOGETHER}
    passed_s = 137 * 0.25 + 23 * 0.31
    assert abs(taken - 2 * passed_s) <= 2


def test_another_session_gets_none_of_the_samples_of_the_one_before() -> None:
    clock = ManualClock()
    senses = HeardSenses(Ages(clock, "here"), clock)
    senses.take("s1")
    clock.advance(0.5)
    session, samples = senses.take("s2")
    assert (session, len(samples)) == ("s1", 1)
    assert senses.take("")[0] == "s2"
