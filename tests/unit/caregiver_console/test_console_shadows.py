"""A second network beside the classifier: how far it agrees is told, and when it drifts away."""

from typing import Any

from calmloop.base.clock import ManualClock
from calmloop.base.freshness import Received
from calmloop.base.shadow_pairs import MAX_SHADOWS
from calmloop.caregiver_console.shadows import ENOUGH, GONE_S, NEWEST, ShadowWatch
from calmloop.contract import topics
from calmloop.contract.messages.emotion import EmotionState, Label

LEAST = 0.7


class Rig:
    """The classifier and its shadows, frame after frame."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.watch = ShadowWatch(self.clock, LEAST)
        self._frames = 0
        self.service = "emotion-classifier"

    def see(self, obeyed: Label, shadow: Label, times: int = 1, name: str = "large") -> None:
        for _ in range(times):
            self._frames += 1
            self.watch.receivers[topics.EMOTION_STATE.path](self._received(obeyed))
            self.watch.receive_shadow(self._received(shadow, name))

    def told(self) -> list[dict[str, Any]]:
        told = self.watch.news()
        assert told is not None
        return told

    def _received(self, label: Label, name: str = "") -> Received[EmotionState]:
        state = EmotionState(
            frame_seq=self._frames,
            captured_ns=self._frames,
            label=label,
            confidence=0.0 if label is Label.UNKNOWN else 0.9,
            valence=0.0,
            model="large 2",
            source=f"{self.service}/{name}",
        )
        return Received(state, self.clock.monotonic_ns(), fields={"name": name} if name else {})


def test_nothing_is_told_where_there_is_no_shadow() -> None:
    assert Rig().watch.news() is None


def test_the_share_is_of_the_faces_of_which_either_says_something() -> None:
    rig = Rig()
    rig.see(Label.NEUTRAL, Label.NEUTRAL, 3)
    rig.see(Label.POSITIVE, Label.UNKNOWN)
    rig.see(Label.UNKNOWN, Label.UNKNOWN, 100)
    row = {"name": "large", "model": "large 2", "faces": 4, "same": 0.75, "drifts": False}
    assert rig.told() == [row]
    assert rig.watch.news() is None, "nothing is new"


def test_without_a_face_there_is_no_share() -> None:
    rig = Rig()
    rig.see(Label.UNKNOWN, Label.UNKNOWN, ENOUGH)
    (row,) = rig.told()
    assert (row["faces"], row["same"], row["drifts"]) == (0, None, False)


def test_it_drifts_once_enough_faces_differ_and_is_well_again_after() -> None:
    rig = Rig()
    rig.see(Label.NEUTRAL, Label.NEGATIVE, ENOUGH - 1)
    assert not rig.told()[0]["drifts"]
    rig.see(Label.NEUTRAL, Label.NEGATIVE)
    assert rig.told()[0]["drifts"]
    rig.see(Label.NEUTRAL, Label.NEUTRAL, NEWEST)
    assert rig.told()[0] | {"model": ""} == {
        "name": "large",
        "model": "",
        "faces": NEWEST,
        "same": 1.0,
        "drifts": False,
    }


def test_at_the_least_share_it_does_not_drift() -> None:
    rig = Rig()
    rig.see(Label.NEUTRAL, Label.NEUTRAL, 700)
    rig.see(Label.NEUTRAL, Label.POSITIVE, 300)
    assert rig.told()[0]["same"] == LEAST
    rig.see(Label.NEUTRAL, Label.POSITIVE)
    assert rig.told()[0]["drifts"]


def test_a_shadow_that_has_gone_is_told_of_no_more() -> None:
    rig = Rig()
    rig.see(Label.NEUTRAL, Label.NEUTRAL)
    rig.told()
    assert rig.watch.sources == ["emotion-classifier/large"]
    rig.clock.advance(GONE_S + 0.1)
    assert (rig.told(), rig.watch.sources) == ([], [])
    rig.see(Label.NEUTRAL, Label.NEUTRAL)
    assert rig.told()[0]["faces"] == 2


def test_a_shadow_in_another_services_name_does_not_make_that_well() -> None:
    rig = Rig()
    rig.service = "safety-watchdog"
    rig.see(Label.NEUTRAL, Label.NEUTRAL)
    assert rig.watch.sources == []


def test_a_flood_of_names_takes_no_more_room() -> None:
    rig = Rig()
    for number in range(5 * MAX_SHADOWS):
        rig.see(Label.NEUTRAL, Label.NEUTRAL, name=f"n{number}")
    assert len(rig.told()) == MAX_SHADOWS
