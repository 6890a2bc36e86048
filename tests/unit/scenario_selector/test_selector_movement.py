"""Vibration and light move with the sound or a breath: in time with it, and only ever downwards."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calmloop.contract.messages.sound import SoundCondition, SoundState
from calmloop.scenario_selector.following import SoundPlaces
from calmloop.scenario_selector.limits import GATE_RISE_PCT_PER_S
from calmloop.scenario_selector.movement import LOST, Heard, shaped
from calmloop.scenario_selector.pacing import BREATH_IN_SHARE, GUIDES, breath_at
from calmloop.scenario_selector.player import Drive, ScenarioPlayer
from calmloop.scenarios.gate import RISE_PCT_PER_S
from calmloop.soundscapes.scapes import body
from tests.unit.scenario_selector.moving import (
    HERE,
    Series,
    correlation,
    felt,
    library,
    offset_s,
    scenario,
    sidecar,
    state,
)

FOLLOWS = """
- title: Waves
  duration_s: 600
  vibration: {frequency_hz: 40, level_pct: %g, follows: sound, depth: %g}
  sound: {track: waves, level_pct: 50}
  light: {level_pct: 50, follows: sound, colours: [{green_pct: 100}]}
"""
BREATHES = """
- title: Breath
  duration_s: 300
  pace: {from_per_min: %g, to_per_min: %g}
  vibration: {frequency_hz: 40, level_pct: 40, paced: breath}
  sound: {track: %s, level_pct: 50}
  light: {level_pct: 40, paced: breath, colours: [{green_pct: 100}]}
"""
FULL = Drive(100.0, 1.0)
STEP_S = 0.1


def swell(period_s: float) -> Any:
    return lambda times_s: 0.5 - 0.5 * np.cos(2 * math.pi * times_s / period_s)


def noisy(period_s: float) -> Any:
    """As the low band of a real sound: it flutters as it swells."""
    rng = np.random.default_rng(5)
    return lambda times_s: 0.1 + swell(period_s)(times_s) * rng.uniform(0.6, 0.9, len(times_s))


@pytest.mark.parametrize(
    ("shape", "period_s", "level_pct", "depth", "least"),
    [
        (swell, 6.0, 50.0, 0.5, 0.97),
        (swell, 6.0, 100.0, 0.8, 0.85),
        (noisy, 6.0, 70.0, 0.5, 0.85),
        (noisy, 12.0, 70.0, 0.5, 0.9),
    ],
)
def test_vibration_and_light_swell_with_the_sound_through_the_gate(
    tmp_path: Path, shape: Any, period_s: float, level_pct: float, depth: float, least: float
) -> None:
    waves = sidecar("waves", shape(period_s))
    played = scenario(FOLLOWS % (level_pct, depth))
    out = felt(played, library(tmp_path / "t", waves), "waves", 2.5, 90.0)
    truth = swell(period_s)(2.5 + out.times_s)
    settled = out.times_s > 20.0
    sound = truth[settled]
    for channel, most_pct in ((out.vibration, depth * level_pct), (out.light, 0.4 * 50.0)):
        given_pct = channel[settled]
        alike, late_s = correlation(given_pct, sound), offset_s(given_pct, sound)
        print(f"{shape.__name__} {period_s:g} s: {alike:.3f}, {late_s * 1e3:.0f} ms")
        assert alike >= least
        assert abs(late_s) <= 0.1
        assert np.ptp(given_pct) > 0.3 * most_pct
    # The steps of 80 ms apart, the gate has nothing to take away.
    assert np.abs(out.asked[settled] - out.vibration[settled]).max() < 2.0


def test_beats_are_not_followed(tmp_path: Path) -> None:
    beats = sidecar("waves", swell(1.0))
    out = felt(scenario(FOLLOWS % (50, 0.5)), library(tmp_path / "t", beats), "waves", 0.0, 60.0)
    assert np.ptp(out.vibration[out.times_s > 20.0]) < 2.0


def guide_sound(times_s: Series) -> Series:
    """How full the breathing guide is."""
    return np.array([breath_at(time_s * GUIDES["breathing"] / 60.0) for time_s in times_s])


@pytest.mark.parametrize("began_s", [0.0, 3.0, 6.5])
def test_all_three_breathe_as_one(tmp_path: Path, began_s: float) -> None:
    guide = sidecar("breathing", guide_sound)
    played = scenario(BREATHES % (6, 6, "breathing"))
    out = felt(played, library(tmp_path / "t", guide), "breathing", began_s, 110.0)
    settled = out.times_s > 40.0
    sound = guide_sound(began_s + out.times_s[settled])
    late_s = [offset_s(channel[settled], sound) for channel in (out.vibration, out.light)]
    print(f"from {began_s:g} s: {[round(one * 1e3) for one in late_s]} ms")
    assert max(map(abs, late_s)) <= 0.15
    assert abs(late_s[0] - late_s[1]) <= 0.15
    for channel in (out.vibration, out.light):
        assert correlation(channel[settled], sound) > 0.95


def test_the_guide_is_the_soundscape_that_ships() -> None:
    assert GUIDES["breathing"] == pytest.approx(60.0 / (body.IN_S + body.OUT_S))
    assert pytest.approx(body.IN_S / (body.IN_S + body.OUT_S)) == BREATH_IN_SHARE


def test_the_pace_glides_from_one_phase_to_the_next_without_a_jump() -> None:
    text = (BREATHES % (10, 6, "surf")).replace("300", "60") + BREATHES % (6, 4, "surf")
    player = ScenarioPlayer(scenario(text))
    shares, last = [], None
    for _ in range(1500):
        player.move(STEP_S, None)
        pct = player.moved(player.stimulus(FULL)).vibration.level_pct
        assert last is None or abs(pct - last) <= GATE_RISE_PCT_PER_S * STEP_S + 1e-9
        shares.append(pct)
        last = pct
        player.advance(STEP_S)
    tops = [
        place * STEP_S
        for place in range(1, len(shares) - 1)
        if shares[place - 1] < shares[place] >= shares[place + 1]
    ]
    gaps = np.diff(tops)
    assert gaps[0] == pytest.approx(6.2, abs=0.5), "near 10 a minute"
    assert gaps[-1] == pytest.approx(11.0, abs=1.5), "on its way to 4 a minute"
    assert (np.diff(gaps) > -0.21).all(), "ever slower"


def test_its_rise_is_the_gates() -> None:
    assert GATE_RISE_PCT_PER_S == RISE_PCT_PER_S


def test_a_shaped_swell_rises_no_faster_than_it_may_and_comes_neither_early_nor_late() -> None:
    steep = [float(place % 120 < 60) for place in range(1200)]
    out = np.array(shaped(steep, 0.25))
    assert np.diff([*out, out[0]]).max() <= 0.25 / 20 + 1e-9
    assert out.min() >= 0.0
    assert out.max() <= 1.0
    assert abs(correlation(np.roll(out, 5), np.array(steep))) <= correlation(out, np.array(steep))


# --- what the player may tell ----------------------------------------------------------------

WAVES = sidecar("waves", noisy(6.0))
TOLD = st.one_of(
    st.none(),
    st.just(LOST),
    st.builds(
        Heard,
        track=st.sampled_from(["waves", "breathing", "other", ""]),
        position_s=st.floats(-1e6, 1e6),
        sidecar=st.sampled_from([WAVES, None]),
    ),
)
STEPS = st.lists(
    st.tuples(st.floats(0.0, 1.0), TOLD, st.booleans(), st.booleans()), min_size=1, max_size=60
)
PHASES = FOLLOWS % (90, 0.8) + BREATHES % (10, 4, "waves") + BREATHES % (6, 6, "breathing")


@settings(max_examples=150, deadline=None)
@given(STEPS, st.floats(0.0, 100.0))
def test_nothing_that_is_told_brings_anything_above_its_level(
    steps: list[tuple[float, Heard | None, bool, bool]], intensity_pct: float
) -> None:
    player, drive = ScenarioPlayer(scenario(PHASES)), Drive(intensity_pct, 1.0)
    for elapsed_s, told, may_rise, skips in steps:
        if skips:
            player.skip()
        player.move(elapsed_s, told, may_rise=may_rise)
        asked = player.stimulus(drive)
        moved = player.moved(asked)
        assert 0.0 <= moved.vibration.level_pct <= asked.vibration.level_pct
        assert moved.vibration.frequency_hz == asked.vibration.frequency_hz
        assert moved.sound == asked.sound
        for colour in ("red_pct", "green_pct", "blue_pct"):
            assert 0.0 <= getattr(moved.light, colour) <= getattr(asked.light, colour)
        player.advance(elapsed_s)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.floats(0.001, 0.5), TOLD), min_size=2, max_size=60))
def test_it_rises_no_faster_than_the_gate_and_drops_no_faster_than_it_may(
    steps: list[tuple[float, Heard | None]],
) -> None:
    player = ScenarioPlayer(scenario(FOLLOWS % (90, 0.8)))
    last_pct: float | None = None
    for elapsed_s, told in steps:
        player.move(elapsed_s, told)
        pct = player.moved(player.stimulus(FULL)).vibration.level_pct
        if last_pct is not None:
            assert pct - last_pct <= GATE_RISE_PCT_PER_S * elapsed_s + 1e-6
            assert last_pct - pct <= 45.0 * elapsed_s + 1e-6
        last_pct = pct


def test_without_any_player_ever_heard_it_stays_at_its_level() -> None:
    player = ScenarioPlayer(scenario(FOLLOWS % (60, 0.5)))
    for _ in range(100):
        player.move(STEP_S, None)
    assert player.moved(player.stimulus(FULL)).vibration.level_pct == pytest.approx(60.0)


def test_a_sound_that_is_lost_leaves_the_lowest_of_the_swell() -> None:
    player = ScenarioPlayer(scenario(FOLLOWS % (60, 0.5)))
    for _ in range(200):
        player.move(STEP_S, Heard("waves", 3.0, WAVES))
    assert player.moved(player.stimulus(FULL)).vibration.level_pct > 50.0
    assert player.moved(player.stimulus(FULL)).light.green_pct > 43.0
    last_pct, last_lit_pct = 60.0, 50.0
    for _ in range(20):
        player.move(STEP_S, LOST)
        moved = player.moved(player.stimulus(FULL))
        pct, lit_pct = moved.vibration.level_pct, moved.light.green_pct
        assert pct <= last_pct + 1e-9
        assert lit_pct <= last_lit_pct + 1e-9
        last_pct, last_lit_pct = pct, lit_pct
    assert last_pct == pytest.approx(30.0)
    assert last_lit_pct == pytest.approx(30.0)
    for _ in range(50):
        player.move(STEP_S, Heard("waves", 3.0, WAVES), may_rise=False)
    assert player.moved(player.stimulus(FULL)).vibration.level_pct == pytest.approx(30.0)
    for _ in range(50):
        player.move(STEP_S, Heard("waves", 3.0, WAVES))
    halfway_pct = player.moved(player.stimulus(FULL)).vibration.level_pct
    assert 40.0 < halfway_pct < 48.0, "half of it in half of the ten seconds"


PLAYS = SoundCondition.PLAYING


@pytest.mark.parametrize(
    "told",
    [
        None,
        SoundState(condition=SoundCondition.SILENT, track="waves", host_boot_id=HERE),
        SoundState(condition=PLAYS, track="waves", host_boot_id=HERE),
        state("waves", 3.0, 100.0, host="elsewhere"),
        state("waves", 3.0, 101.5),
        state("waves", 3.0, 98.5),
        state("waves", 3.0, 0.0),
    ],
)
def test_what_cannot_be_true_is_not_followed(tmp_path: Path, told: SoundState | None) -> None:
    places = SoundPlaces(HERE, library(tmp_path / "t", WAVES))
    assert places.heard(told, 100.0) is LOST
    assert places.heard(state("waves", 3.0, 100.0), 100.0).sidecar == WAVES


def test_a_sidecar_that_is_missing_damaged_or_another_is_noticed(tmp_path: Path) -> None:
    tracks = library(tmp_path / "t")
    places, told = SoundPlaces(HERE, tracks), state("waves", 3.0, 100.0)
    assert places.heard(told, 100.0).sidecar is None
    library(tmp_path / "t", WAVES)
    assert places.heard(state("waves", 3.0, 104.0), 104.0).sidecar is None, "looks every 5 s"
    assert places.heard(state("waves", 3.0, 106.0), 106.0).sidecar == WAVES
    tracks.sidecar_path("waves").write_text("{")
    assert places.heard(state("waves", 3.0, 112.0), 112.0).sidecar is None
    assert places.heard(state("../waves", 3.0, 112.0), 112.0).sidecar is None
    assert SoundPlaces(HERE, None).heard(told, 100.0).sidecar is None
