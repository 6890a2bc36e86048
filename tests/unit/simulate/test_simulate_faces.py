"""Whose face is in view and whether the child sleeps, as the product's engine hears it."""

from dataclasses import replace

import pytest

from calmloop.contract.messages.face import NoFaceReason, SeatPresence
from calmloop.simulate import answers, experiments, metrics
from calmloop.simulate.camera import Seen
from calmloop.simulate.children import Child, ChildMood, Spell
from calmloop.simulate.engines import Observation
from calmloop.simulate.faces import OWN, FaceTracks
from calmloop.simulate.product import Product
from calmloop.simulate.session import Conditions, EventKind, Trace, run_session
from calmloop.simulate.signals import RELIABILITY, Senses, Signal, SignalReading
from calmloop.simulate.streams import Stream
from calmloop.simulate.truth import FacePresence, Truth

FACE = Seen(answers.load().readings[0])
HIDDEN = Seen(None, NoFaceReason.NO_FACE)
SURE = RELIABILITY | {
    Signal.MOVEMENT: replace(RELIABILITY[Signal.MOVEMENT], dropout=0.0, asleep=(0.02, 0.005, 0.0))
}
"""A movement that is never missed, and a child that does not stir."""


def state_of(
    tracks: FaceTracks, face: Seen = FACE, **signals: float | None
) -> tuple[str | None, ...]:
    heard = {
        Signal(name): SignalReading(value or 0.0, present=value is not None)
        for name, value in signals.items()
    }
    told = tracks.state(Observation(face, heard), 1, 1)
    return (None, None) if told is None else (told.track_id, told.presence)


def test_another_face_has_another_track_each_time_and_the_childs_comes_back() -> None:
    tracks = FaceTracks()
    assert state_of(tracks) == (None, None), "nothing is said where nothing is heard"
    here, replaced = SeatPresence.HERE, SeatPresence.REPLACED
    assert state_of(tracks, identity=0.0) == (OWN, here)
    assert state_of(tracks, identity=1.0) == ("other-1", replaced)
    assert state_of(tracks, identity=1.0) == ("other-1", replaced)
    assert state_of(tracks, identity=None) == ("other-1", replaced)
    assert state_of(tracks, HIDDEN) == ("other-1", SeatPresence.LOST)
    assert state_of(tracks, identity=0.0) == (OWN, here)
    assert state_of(tracks, identity=1.0) == ("other-2", replaced)


def test_eyes_are_unknown_unless_they_are_told() -> None:
    tracks = FaceTracks()

    def eyes(face: Seen = FACE, **signals: SignalReading) -> bool | None:
        heard = {Signal.IDENTITY: SignalReading(0.0)}
        told = tracks.state(
            Observation(face, heard | {Signal(name): one for name, one in signals.items()}), 1, 1
        )
        assert told is not None
        return told.eyes_closed

    assert eyes() is None
    assert eyes(eyes=SignalReading(0.9)) is True
    assert eyes(eyes=SignalReading(0.1)) is False
    assert eyes(HIDDEN) is None
    assert eyes(eyes=SignalReading(0.0, present=False)) is None


def test_the_product_hears_tracks_and_no_eyes_unless_it_is_said() -> None:
    assert Signal.IDENTITY in Product().accepts
    assert Signal.EYES not in Product().accepts
    assert Product(eyes=True).accepts == frozenset(Signal)


def test_a_child_who_sleeps_is_stiller_than_one_at_rest() -> None:
    asleep = Truth(0.0, 0.05, 0.1, FacePresence.ASLEEP, "neutral")
    awake = asleep._replace(presence=FacePresence.IN_VIEW)

    def highest(truth: Truth) -> float:
        senses = Senses(Child(), frozenset({Signal.MOVEMENT}), 1, SURE)
        read = (senses.read(truth, number / 5.0) for number in range(300))
        return max(one[Signal.MOVEMENT].value for one in read if one)

    assert highest(asleep) < 0.05 < highest(awake)


def session(mood: ChildMood, minutes: float, product: Product, after_s: float | None) -> Trace:
    child = Child(script=(Spell(mood, 50.0),), glances_a_minute=0.0)
    how = Conditions(
        minutes=minutes,
        stream=Stream.NEW_EACH_FRAME,
        answers_after_s=after_s,
        signals=experiments.BODY,
        table=SURE,
    )
    return run_session(child, product, how, answers.load(), 3)


@pytest.mark.parametrize("after_s", [20.0, None])
def test_nothing_rises_for_whoever_takes_the_childs_seat(after_s: float | None) -> None:
    trace = session(ChildMood.REPLACED, 3.0, Product(), after_s)
    assert metrics.asked_after(trace, 50.0)
    assert metrics.rises(trace, 53.0) == 0


def test_a_sleeper_is_asked_about_and_faded_out_by_the_answer() -> None:
    trace = session(ChildMood.ASLEEP, 8.0, Product(), 20.0)
    asked = [e.at_s for e in trace.events if e.kind is EventKind.ASKED]
    assert asked[0] == pytest.approx(50.0 + 180.0, abs=5.0)
    assert metrics.faded_asleep(trace)
