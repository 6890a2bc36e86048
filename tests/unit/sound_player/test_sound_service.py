"""The sound player on its bus: what it lets sound, what it tells, and what it does without news."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from calmloop.base.errors import DeviceError
from calmloop.contract import topics
from calmloop.contract.messages.base import Command
from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.messages.safety import StopState
from calmloop.contract.messages.sound import SoundCondition
from calmloop.contract.messages.stimulus import Sound
from calmloop.sound_player.mixer import FADE_OUT_S
from calmloop.sound_player.service import STATE_PERIOD_S, STUCK_S
from tests.sound_tracks import tone, write_track
from tests.unit.sound_player.player_rig import BLOCK_S, PlayerRig

SOON_S = FADE_OUT_S + 2 * BLOCK_S
"""A fade, and the blocks that it begins and ends in."""


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[PlayerRig]:
    write_track(tmp_path, "surf", tone(250))
    write_track(tmp_path, "hum", tone(125))
    rig = PlayerRig(tmp_path)
    rig.settle()
    yield rig
    rig.service.close()


def lasts_s(sound: np.ndarray) -> float:
    heard = np.flatnonzero(sound)
    return float(heard[-1] + 1) / 48_000 if len(heard) else 0.0


def test_it_plays_what_the_setpoint_names_and_tells_where(rig: PlayerRig) -> None:
    rig.play("surf")
    sound = rig.hear(1.0)
    assert np.abs(sound).max() > 0.08
    state = rig.states[-1]
    assert (state.condition, state.track, state.device) == (
        SoundCondition.PLAYING,
        "surf",
        "hand-fed output",
    )
    assert state.length_s == 4.0
    assert state.position_s is not None
    assert 0.0 <= 1.0 - state.position_s <= STATE_PERIOD_S + BLOCK_S


@pytest.mark.parametrize("level_pct", [0.1, 30.0, 100.0])
def test_the_level_is_the_amplifier_s_and_never_the_player_s(
    rig: PlayerRig, level_pct: float
) -> None:
    rig.play("surf", level_pct)
    assert np.abs(rig.hear(1.0)).max() == pytest.approx(3000 / 32768, rel=0.01)


@pytest.mark.parametrize(
    "mode", [mode for mode in ChairMode if mode not in (ChairMode.ACTIVE, ChairMode.RAMPDOWN)]
)
def test_it_falls_silent_when_the_chair_leaves_its_session(rig: PlayerRig, mode: ChairMode) -> None:
    rig.play("surf")
    rig.hear(0.5)
    rig.chair = mode
    assert lasts_s(rig.hear(1.0)) <= SOON_S
    assert rig.states[-1].reason == f"the chair is {mode}"


def test_it_falls_silent_at_a_stop_and_stays_so_until_the_chair_has_left(rig: PlayerRig) -> None:
    rig.play("surf")
    rig.hear(0.5)
    rig.transport.send(topics.STOP, Command())
    assert lasts_s(rig.hear(2.0)) <= SOON_S
    assert rig.states[-1].reason == "stop was pressed"
    rig.chair = ChairMode.SAFE
    rig.hear(0.1)
    rig.chair = ChairMode.ACTIVE
    assert np.any(rig.hear(0.5))


def test_it_is_silent_while_a_stop_is_latched(rig: PlayerRig) -> None:
    rig.play("surf")
    rig.transport.send(topics.STOP_STATE, StopState(latched=True, cause="the red button"))
    assert lasts_s(rig.hear(1.0)) <= SOON_S
    assert rig.states[-1].reason == "a stop is latched: the red button"
    rig.transport.send(topics.STOP_STATE, StopState(latched=False))
    assert np.any(rig.hear(0.5))


def test_a_service_that_hangs_is_not_heard_for_longer_than_its_news_count(rig: PlayerRig) -> None:
    rig.play("surf")
    rig.hear(0.5)
    heard = []
    for _ in range(round(1.5 / BLOCK_S)):
        heard.append(rig.output.ask())
        rig.clock.advance(BLOCK_S)
    assert 0.4 < lasts_s(np.concatenate(heard)) <= 0.5 + SOON_S


@pytest.mark.parametrize("lost", ["chair", "sound"])
def test_what_is_not_heard_any_more_does_not_count(rig: PlayerRig, lost: str) -> None:
    rig.play("surf")
    rig.hear(0.5)
    setattr(rig, lost, None)
    assert lasts_s(rig.hear(1.5)) <= 0.5 + SOON_S
    assert rig.states[-1].condition is SoundCondition.SILENT


def test_old_news_are_void_after_it_was_stopped_for_a_while(rig: PlayerRig) -> None:
    rig.play("surf")
    rig.hear(0.5)
    rig.service.discard()
    heard = []
    for _ in range(10):
        rig.service.turn()
        heard.append(rig.output.ask())
        rig.clock.advance(BLOCK_S)
    assert lasts_s(np.concatenate(heard)) <= SOON_S


def test_a_level_of_zero_is_off_and_keeps_the_track_ready(rig: PlayerRig) -> None:
    rig.play("surf")
    rig.hear(0.3)
    rig.sound = Sound(track="surf", level_pct=0.0)
    assert lasts_s(rig.hear(0.5)) <= SOON_S
    assert (rig.states[-1].track, rig.states[-1].reason) == ("surf", "no sound is asked for")
    rig.sound = Sound(track="surf", level_pct=5.0)
    assert np.any(rig.hear(2 * BLOCK_S))


def test_a_track_that_is_not_there_is_silence_with_what_to_do(rig: PlayerRig) -> None:
    rig.play("surf")
    rig.hear(0.3)
    rig.sound = Sound(track="nowhere", level_pct=30.0)
    rig.until(lambda: rig.condition is SoundCondition.NO_TRACK)
    assert "has no track 'nowhere' (it has hum, surf)" in rig.states[-1].reason
    assert lasts_s(rig.hear(1.0)) <= SOON_S
    assert rig.turn().healthy


def test_a_track_that_appears_is_played(rig: PlayerRig, tmp_path: Path) -> None:
    rig.sound = Sound(track="bell", level_pct=30.0)
    rig.until(lambda: rig.condition is SoundCondition.NO_TRACK)
    write_track(tmp_path, "bell", tone(500))
    rig.play("bell")
    rig.hear(0.1)
    assert rig.condition is SoundCondition.PLAYING


def test_a_name_that_is_none_is_no_track(rig: PlayerRig) -> None:
    rig.sound = Sound(track="../surf", level_pct=30.0)
    rig.until(lambda: rig.condition is SoundCondition.NO_TRACK)
    assert "a name has a-z" in rig.states[-1].reason


def test_an_output_that_is_lost_is_said_and_makes_it_unhealthy_until_it_is_back(
    rig: PlayerRig,
) -> None:
    rig.play("surf")
    rig.output.lost, rig.output.fails = "its cable is out", "no such device: plug it in"
    rig.until(lambda: rig.condition is SoundCondition.NO_OUTPUT)
    health = rig.turn()
    assert (health.healthy, health.waits_for) == (False, rig.states[-1].reason)
    rig.output.lost = rig.output.fails = ""
    rig.clock.advance(1.0)
    rig.settle(openings=2)
    rig.play("surf")
    assert rig.turn().healthy


def test_a_driver_that_does_not_return_ends_the_process(rig: PlayerRig) -> None:
    rig.service._playback._busy_since_ns = rig.clock.monotonic_ns()
    rig.clock.advance(STUCK_S + 1.0)
    with pytest.raises(DeviceError, match="hand-fed output has not returned for 60 s"):
        rig.service._check_threads()


def test_an_underrun_of_the_device_is_told_and_goes_on_from_silence(rig: PlayerRig) -> None:
    rig.play("surf")
    rig.hear(0.5)
    rig.output.underruns += 1
    sound = rig.hear(0.3)
    assert sound[0] == 0.0
    assert rig.states[-1].underruns == 1


def test_nothing_is_said_to_sound_on_an_output_that_was_lost_while_it_played(
    rig: PlayerRig,
) -> None:
    rig.play("surf")
    rig.hear(0.5)
    rig.output.lost, rig.output.asks = "its cable is out", False
    rig.until(lambda: rig.condition is SoundCondition.NO_OUTPUT)
    rig.output.lost = ""
    rig.clock.advance(1.0)
    rig.until(lambda: rig.output.opened > 1)
    count = len(rig.states)
    for _ in range(10):
        rig.clock.advance(0.1)
        rig.turn()
    assert {state.condition for state in rig.states[count:]} == {SoundCondition.NO_OUTPUT}
    rig.settle(openings=2)


@pytest.mark.parametrize("turns_s", [0.02, 0.05, 0.07, 0.1])
def test_it_tells_ten_times_a_second_however_its_turns_fall(rig: PlayerRig, turns_s: float) -> None:
    rig.hear(0.2)
    before = len(rig.states)
    for _ in range(round(7.0 / turns_s)):
        rig.clock.advance(turns_s)
        rig.turn()
    assert len(rig.states) - before == pytest.approx(70, abs=2)
