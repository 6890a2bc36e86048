"""Sound, vibration and light move as one: the player's recording against the emulated pins."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from calmloop.base.track_audio import Pcm
from calmloop.base.tracks import RATE_HZ, TrackLibrary, TrackSidecar
from calmloop.soundscapes.catalogue import BY_NAME
from calmloop.soundscapes.rendering import render
from calmloop.soundscapes.storing import described, store
from tests.contract.player_harness import Recorded
from tests.hardware.loop import Loop, memory_folder, running_loop
from tests.hardware.measured import at_least, within
from tests.hardware.swells import STEP_S, SwellFigures, at_pins, beside, loudness
from tests.loop.at_rest import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.timeout(300)]

SWELL_S, BREATH_S = 6.0, 10.0
SETTLED_S = 8.0
"""The chair's rise, the crossfades of tracks and phases, and the meeting of the guide's breath."""
MEASURED_S = 24.0
SWELL_MS, BREATH_MS = 100.0, 150.0
ALIKE = 0.85
TONES_HZ = (110.0, 130.0)
"""Felt an octave below, half of the waves each."""
APART_HZ = 1.0
"""What a glide of 10 Hz/s moves in the 100 ms that a swell may be off."""
BUFFER_S = 0.5
"""The recording is ahead by a buffer; the pins are written a moment later."""
CHANNELS = {"vibration": "vibration_pct", "light": "green_pct"}
SCENARIO = """
title: As one
description: What is heard, felt and seen moves together.
contraindications: [none known]
phases:
  - title: Breath
    duration_s: 40
    pace: {from_per_min: 6, to_per_min: 6}
    sound: {track: breathing, level_pct: 60}
    vibration: {frequency_hz: 40, level_pct: 100, paced: breath}
    light: {level_pct: 60, paced: breath, colours: [{green_pct: 100, blue_pct: 60}]}
  - title: Waves
    duration_s: 90
    sound: {track: waves, level_pct: 60}
    vibration: {frequency_hz: 40, frequency_follows: sound, level_pct: 100, follows: sound}
    light: {level_pct: 60, follows: sound, colours: [{green_pct: 100, blue_pct: 60}]}
"""


def waves() -> Pcm:
    """Low noise and one of two tones that swell every six seconds, and never alike twice."""
    rng = np.random.default_rng(7)
    frames = round(5 * SWELL_S * RATE_HZ)
    times_s = np.arange(frames) / RATE_HZ
    spectrum = np.fft.rfft(rng.standard_normal(frames))
    hz = np.fft.rfftfreq(frames, 1.0 / RATE_HZ)
    noise = np.fft.irfft(spectrum * ((hz > 40.0) & (hz < 200.0)), frames)
    swell = 0.05 + 0.95 * (0.5 - 0.5 * np.cos(2.0 * np.pi * times_s / SWELL_S))
    hz = np.where(times_s < times_s[-1] / 2.0, *TONES_HZ)
    tone = 2.0 * np.sin(2.0 * np.pi * np.cumsum(hz) / RATE_HZ)
    sound = 700.0 * (noise / noise.std() + tone) * swell
    return np.repeat(np.round(sound).astype(np.int16)[:, np.newaxis], 2, axis=1)


@pytest.fixture
def loop(_built: None, tmp_path: Path) -> Iterator[Loop]:
    library = TrackLibrary(tmp_path / "tracks")
    render(BY_NAME["breathing"], library)
    pcm = waves()
    said = {"title": "Waves", "licence": "Apache-2.0", "source": "a test"}
    store(library, pcm, described(pcm, name="waves", loop=True, **said))
    scenarios = tmp_path / "scenarios"
    scenarios.mkdir()
    (scenarios / "as-one.yaml").write_text(SCENARIO)
    settings = {
        "SOUND_PLAYER__RECORDING__PATH": str(tmp_path / "recording.f32"),
        "SCENARIO_SELECTOR__SCENARIOS_DIR": str(scenarios),
        "SCENARIO_SELECTOR__START_PCT": "30",
    }
    with memory_folder() as folder, running_loop(folder, "as one", library.folder, settings) as one:
        yield one


def sounding(loop: Loop) -> str:
    """The track at the output."""
    sound = loop.tally.sound
    return sound.track if sound is not None and sound.position_s is not None else ""


def tone_apart_hz(loop: Loop, sidecar: TrackSidecar) -> float:
    """How far vibration at the pins is from the track's tone in 95 of 100 moments just measured."""
    sound = loop.tally.sound
    assert sound is not None
    assert sound.position_s is not None
    assert sound.output_ns is not None
    begin_s = time.monotonic() - BUFFER_S - MEASURED_S
    felt = at_pins(loop.emulator.given(), "vibration_hz", begin_s, MEASURED_S)
    times_s = begin_s + STEP_S * np.arange(len(felt))
    places_s = sound.position_s + times_s - sound.output_ns / 1e9
    tones = [sidecar.tone_at(place_s) or 0.0 for place_s in places_s]
    return float(np.quantile(np.abs(felt - tones), 0.95))


def measured_beside(
    loop: Loop, recording: Path, track: str, period_s: float
) -> dict[str, SwellFigures]:
    """How vibration and light swell beside a track, once it plays and all have settled."""
    wait_until(loop, lambda: sounding(loop) == track, 60.0, f"{track} is never heard")
    begin_s = time.monotonic() + SETTLED_S
    ended_s = begin_s + MEASURED_S + BUFFER_S
    wait_until(loop, lambda: time.monotonic() > ended_s, 60.0, "time stands still")
    assert sounding(loop) == track
    sound = loudness(Recorded(recording), begin_s, MEASURED_S)
    given = loop.emulator.given()
    return {
        name: beside(at_pins(given, channel, begin_s, MEASURED_S), sound, period_s)
        for name, channel in CHANNELS.items()
    }


def test_sound_vibration_and_light_swell_as_one(loop: Loop, tmp_path: Path) -> None:
    recording = tmp_path / "recording.f32"
    loop.start_session(minutes=10, scenario="as-one")
    breath = measured_beside(loop, recording, "breathing", BREATH_S)
    swell = measured_beside(loop, recording, "waves", SWELL_S)
    apart_hz = tone_apart_hz(loop, TrackLibrary(tmp_path / "tracks").sidecar("waves"))
    within("vibration's frequency off the track's tone, p95", apart_hz, APART_HZ, "Hz")
    for name in CHANNELS:
        within(f"6 s swell, {name} off the sound, p95", 1e3 * swell[name].offset_p95_s, SWELL_MS)
        at_least(f"6 s swell, {name} and the sound, correlation", swell[name].alike, ALIKE, "")
        off_ms = 1e3 * breath[name].offset_p95_s
        within(f"6 breaths a minute, {name} off the sound, p95", off_ms, BREATH_MS)
    apart_ms = 1e3 * np.abs(breath["vibration"].late_s - breath["light"].late_s)
    within("6 breaths a minute, vibration off the light, most", float(apart_ms.max()), BREATH_MS)
