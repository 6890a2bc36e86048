"""Nothing is asked of the amplifier while the player cannot play; it comes back slowly."""

from pathlib import Path

import pytest

from calmloop.contract.messages.session import Mode, OverrideAction, Phase, SessionAction
from calmloop.contract.messages.sound import SoundCondition, SoundState
from calmloop.scenario_selector.limits import CROSSFADE_S, SOUND_BACK_S
from tests.unit.scenario_selector.harness import NEUTRAL, STEP_S, Face, Harness


class Heard(Harness):
    """With a sound player that tells what it does, ten times a second; none: it is silent."""

    condition: SoundCondition | None = None

    def hear_all(self) -> None:
        super().hear_all()
        if self.condition is not None:
            state = SoundState(condition=self.condition)
            self.engine.sound.receive(self.received(state))

    @property
    def sound_pct(self) -> float:
        return self.setpoints[-1].sound.level_pct

    def rises_for(self, face: Face | None, seconds: float) -> float:
        """By how much the sound is up after so long, and that it never jumped on the way."""
        before = last = self.sound_pct
        for _ in range(round(seconds / STEP_S)):
            if face is None:
                self.wait(STEP_S)
            else:
                self.show(face, STEP_S)
            assert self.sound_pct - last <= 100.0 * STEP_S / SOUND_BACK_S
            last = self.sound_pct
        return last - before


@pytest.fixture
def harness(tmp_path: Path) -> Heard:
    return Heard(tmp_path)


def playing(harness: Heard) -> float:
    """A session whose player plays; what is asked of its sound."""
    harness.condition = SoundCondition.PLAYING
    harness.start_running()
    assert harness.sound_pct > 0.0
    return harness.sound_pct


def test_without_any_player_ever_heard_it_is_asked_for_as_it_is_written(harness: Heard) -> None:
    harness.start_running()
    without = harness.sound_pct
    harness.condition = SoundCondition.SILENT
    harness.show(NEUTRAL, 1.0)
    assert harness.sound_pct == pytest.approx(without)
    assert without > 0.0


def test_from_track_to_track_its_level_stays_while_a_player_is_heard(harness: Heard) -> None:
    harness.condition = SoundCondition.PLAYING
    harness.start_running(scenario="near-a-heart", minutes=20)
    began = len(harness.setpoints)
    assert harness.override(OverrideAction.SKIP, token=harness.token) is None
    harness.show(NEUTRAL, CROSSFADE_S + 1.0)
    sounds = [setpoint.sound for setpoint in harness.setpoints[began - 1 :]]
    assert (sounds[0].track, sounds[-1].track) == ("heartbeat-60", "heartbeat-50")
    levels = [sound.level_pct for sound in sounds]
    assert min(levels) == pytest.approx(min(levels[0], levels[-1]))
    assert max(levels) == pytest.approx(max(levels[0], levels[-1]))


@pytest.mark.parametrize("to", [None, SoundCondition.NO_OUTPUT, SoundCondition.NO_TRACK])
def test_what_cannot_be_played_is_not_asked_for_and_the_session_goes_on(
    harness: Heard, to: SoundCondition | None
) -> None:
    playing(harness)
    vibration_pct = harness.setpoints[-1].vibration.level_pct
    harness.condition = to
    harness.show(NEUTRAL, 0.2 if to else 0.7)
    assert harness.sound_pct == 0.0
    assert harness.setpoints[-1].sound.track
    assert harness.setpoints[-1].vibration.level_pct == pytest.approx(vibration_pct, abs=1.0)
    assert harness.phase is Phase.RUNNING


def test_it_comes_back_slowly(harness: Heard) -> None:
    asked_pct = playing(harness)
    harness.condition = SoundCondition.NO_OUTPUT
    harness.show(NEUTRAL, 2.0)
    harness.condition = SoundCondition.SILENT
    assert harness.rises_for(NEUTRAL, SOUND_BACK_S / 2) < 0.6 * asked_pct
    harness.rises_for(NEUTRAL, SOUND_BACK_S / 2 + 0.5)
    assert harness.sound_pct == pytest.approx(asked_pct, rel=0.1)


def test_it_does_not_come_back_while_the_face_is_not_seen(harness: Heard) -> None:
    playing(harness)
    harness.condition = SoundCondition.NO_OUTPUT
    harness.show(NEUTRAL, 1.0)
    harness.wait(4.0)
    harness.condition = SoundCondition.SILENT
    assert harness.rises_for(None, 8.0) == 0.0


def test_it_does_not_come_back_while_a_caregiver_holds(harness: Heard) -> None:
    playing(harness)
    harness.override(OverrideAction.HOLD)
    harness.condition = None
    harness.show(NEUTRAL, 1.0)
    harness.condition = SoundCondition.PLAYING
    assert harness.rises_for(NEUTRAL, 15.0) == 0.0


def test_it_comes_back_in_a_manual_session_too(harness: Heard) -> None:
    harness.condition = SoundCondition.PLAYING
    harness.must_start(mode=Mode.MANUAL, minutes=20)
    harness.wait(5.0)
    harness.condition = SoundCondition.NO_TRACK
    harness.wait(0.5)
    assert harness.sound_pct == 0.0
    harness.condition = SoundCondition.SILENT
    assert harness.rises_for(None, SOUND_BACK_S + 0.5) > 0.0


def test_the_next_session_begins_with_all_of_it_once_the_player_is_well(harness: Heard) -> None:
    playing(harness)
    harness.condition = SoundCondition.NO_OUTPUT
    harness.show(NEUTRAL, 1.0)
    harness.condition = SoundCondition.SILENT
    harness.command(SessionAction.FINISH)
    harness.show(NEUTRAL, 10.0)
    assert harness.phase is Phase.IDLE
    assert harness.engine.sound.turn(STEP_S, None, harness.now_s) == 1.0


def test_what_is_not_asked_for_upsets_nobody(harness: Heard) -> None:
    playing(harness)
    harness.condition = SoundCondition.NO_OUTPUT
    harness.show(NEUTRAL, 5.0)
    assert harness.engine._running is not None
    assert harness.engine._running.session.stimulus.sound.level_pct == 0.0
