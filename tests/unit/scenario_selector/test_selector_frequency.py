"""Vibration's frequency follows the tone of the sound: in its range, never fast, at any telling."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from calmloop.base.tracks import ENVELOPE_HZ, TrackSidecar
from calmloop.chair_link.wire.numbers import VIBRATION_DHZ_MAX, VIBRATION_DHZ_MIN
from calmloop.contract.messages.stimulus import MAX_VIBRATION_HZ, MIN_VIBRATION_HZ, Vibration
from calmloop.scenario_selector.following import LEAD_S, SoundPlaces
from calmloop.scenario_selector.frequency import FrequencyGlide
from calmloop.scenario_selector.limits import GATE_GLIDE_HZ_PER_S
from calmloop.scenario_selector.movement import LOST, Heard
from calmloop.scenario_selector.player import Drive, ScenarioPlayer
from tests.unit.firmware_core.binding import CCalibration, CGate, CLight
from tests.unit.firmware_core.binding import library as firmware
from tests.unit.firmware_core.stored import record_of
from tests.unit.scenario_selector.moving import HERE, Series, library, scenario, sidecar, state

PHASE = """
- title: Tones
  duration_s: 600
  vibration: {frequency_hz: 40, level_pct: 60, frequency_follows: sound}
  sound: {track: tones, level_pct: 50}
"""
OTHERS = """
- title: Fixed
  duration_s: 20
  vibration: {frequency_hz: 80, level_pct: 60}
- title: Still
  duration_s: 20
  light: {level_pct: 50, colours: [{green_pct: 100}]}
- title: Low
  duration_s: 20
  vibration: {frequency_hz: 30, level_pct: 40, follows: sound, frequency_follows: sound}
  sound: {track: tones, level_pct: 50}
"""
FULL = Drive(100.0, 1.0)
STEP_S = 0.1


def steady(times_s: Series) -> Series:
    return np.ones_like(times_s)


def gliding(times_s: Series) -> Series:
    """From 45 to 65 Hz and back in 20 s."""
    return np.asarray(55.0 - 10.0 * np.cos(2 * np.pi * times_s / 20.0))


TONES = sidecar("tones", steady, tone_hz=gliding)


def asked(player: ScenarioPlayer, heard: Heard | None, elapsed_s: float = STEP_S) -> Vibration:
    player.move(elapsed_s, heard)
    return player.moved(player.stimulus(FULL)).vibration


def test_it_is_the_tone_that_sounds_when_the_setpoint_is_felt(tmp_path: Path) -> None:
    player = ScenarioPlayer(scenario(PHASE))
    places = SoundPlaces(HERE, library(tmp_path / "t", TONES))
    for step in range(300):
        now_s = 100.0 + step * STEP_S
        felt = asked(player, places.heard(state("tones", now_s, now_s + 0.1), now_s))
        wanted = gliding(np.array([now_s - 0.1 + LEAD_S]))[0]
        assert felt.frequency_hz == pytest.approx(wanted, abs=0.05)
        assert felt.level_pct == pytest.approx(60.0), "nothing else moves by it"


@pytest.mark.parametrize(
    "heard",
    [
        None,
        LOST,
        Heard("tones", 3.0, None),
        Heard("other", 3.0, sidecar("other", steady, tone_hz=gliding)),
        Heard("tones", 3.0, sidecar("tones", steady)),
        Heard("tones", 3.0, TONES.model_copy(update={"tone_hz": ()})),
    ],
    ids=["never heard", "lost", "no sidecar", "another track", "from before", "no tone"],
)
def test_without_a_tone_it_glides_to_its_own_and_stays(heard: Heard | None) -> None:
    player = ScenarioPlayer(scenario(PHASE))
    assert asked(player, heard).frequency_hz == 40.0
    for _ in range(50):
        last_hz = asked(player, Heard("tones", 10.0, TONES)).frequency_hz
    assert last_hz == pytest.approx(65.0)
    for _ in range(20):
        hz = asked(player, heard).frequency_hz
        assert last_hz - 2.0 - 1e-9 <= hz <= last_hz
        last_hz = hz
    assert last_hz == 40.0


def test_from_silence_it_begins_where_the_tone_is() -> None:
    glide = FrequencyGlide()
    assert glide.glided(Vibration(level_pct=0.0), 30.0).frequency_hz == 70.0
    assert glide.glided(Vibration(level_pct=1.0, frequency_hz=50.0), -15.0).frequency_hz == 35.0
    glide.move(0.5)
    assert glide.glided(Vibration(level_pct=1.0, frequency_hz=50.0), 20.0).frequency_hz == 45.0


@st.composite
def any_sidecar(draw: st.DrawFn) -> TrackSidecar:
    """Whatever a sidecar may hold."""
    hz = st.floats(MIN_VIBRATION_HZ, MAX_VIBRATION_HZ)
    tones = ENVELOPE_HZ // 4 * draw(st.tuples(hz, hz, hz, hz))
    return sidecar("tones", steady, seconds=1, tone_hz=lambda _: np.array(tones))


TOLD = st.one_of(
    st.none(),
    st.just(LOST),
    st.builds(
        Heard,
        track=st.sampled_from(["tones", "other"]),
        position_s=st.floats(-1e6, 1e6),
        sidecar=any_sidecar(),
    ),
)
STEPS = st.lists(
    st.tuples(st.floats(0.0, 1.0), TOLD, st.booleans(), st.booleans()), min_size=2, max_size=30
)


@settings(max_examples=100, deadline=None)
@given(STEPS)
def test_no_sidecar_and_no_skip_brings_it_out_of_range_or_makes_it_fast(
    steps: list[tuple[float, Heard | None, bool, bool]],
) -> None:
    player = ScenarioPlayer(scenario(PHASE + OTHERS))
    sent = []
    for elapsed_s, told, may_rise, skips in steps:
        if skips:
            player.skip()
        player.move(elapsed_s, told, may_rise=may_rise)
        plain = player.stimulus(FULL)
        moved = player.moved(plain)
        Vibration.model_validate(moved.vibration.model_dump())
        assert moved.vibration.level_pct <= plain.vibration.level_pct
        assert moved.sound == plain.sound
        sent.append((elapsed_s, moved.vibration))
        player.advance(elapsed_s)
    for (_, before), (elapsed_s, after) in pairwise(sent):
        glides_hz = abs(after.frequency_hz - before.frequency_hz)
        assert before.level_pct == 0.0 or glides_hz <= GATE_GLIDE_HZ_PER_S * elapsed_s + 1e-6


@pytest.mark.parametrize("hz", [29.99, 80.01, float("nan"), float("inf")])
def test_a_sidecar_beyond_the_range_is_refused(hz: float) -> None:
    said = TONES.model_dump()
    with pytest.raises(ValidationError, match="tone_hz"):
        TrackSidecar.model_validate(said | {"tone_hz": (hz, *said["tone_hz"][1:])})


def test_its_range_and_its_glide_are_those_of_the_chair() -> None:
    assert (VIBRATION_DHZ_MIN / 10, VIBRATION_DHZ_MAX / 10) == (MIN_VIBRATION_HZ, MAX_VIBRATION_HZ)
    core, gate, table = firmware(), CGate(), CCalibration()
    assert core.calibration_read(table, record_of([(hz, 700) for hz in range(30, 81, 10)], 700))
    core.gate_init(gate)
    gate.vibration_ppm = 500_000
    for _ in range(500):
        core.gate_step(gate, CGate(500_000, 80_000, 0, CLight()), table, 2)
    assert gate.vibration_mhz == pytest.approx(30_000 + 1000.0 * GATE_GLIDE_HZ_PER_S, abs=50)


def test_a_frequency_that_follows_needs_a_sound() -> None:
    with pytest.raises(ValidationError, match="follows: sound, and there is no sound"):
        scenario("".join(PHASE.splitlines(keepends=True)[:-1]))
