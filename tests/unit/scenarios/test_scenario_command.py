"""`calmloop scenario`: what a scenario does is seen before a child meets it."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml

from calmloop.base.track_audio import Pcm, load
from calmloop.base.tracks import RATE_HZ, TrackLibrary
from calmloop.scenario_selector import Scenario, load_scenarios
from calmloop.scenarios import listening
from calmloop.scenarios.gate import gated_level, gated_light
from calmloop.scenarios.timeline import STEP_S, timeline
from calmloop.sound import playing
from calmloop.soundscapes.mastering import gain_db, quantised
from calmloop.soundscapes.storing import described, store
from calmloop.soundscapes.weaving import Loom, Pulse, band
from tests.sound_tracks import AMPLITUDE, tone, write_track
from tests.unit.firmware_core.binding import CCalibration, CGate, CLight
from tests.unit.firmware_core.binding import library as firmware
from tests.unit.firmware_core.stored import record_of
from tests.unit.scenarios.conftest import SHARED, Calmloop

GENTLE = """
  - {title: All, duration_s: 30, vibration: {frequency_hz: 40, level_pct: 50},
     sound: {track: surf, level_pct: 50},
     light: {level_pct: 50, colours: [{green_pct: 100}]}}
"""

LEVELS = """
  - {title: Half, duration_s: 30, sound: {track: low, level_pct: 40}}
  - {title: Full, duration_s: 30, sound: {track: low, level_pct: 80}}
  - {title: Other, duration_s: 30, sound: {track: high, level_pct: 20}}
"""


def test_a_scenario_is_shown_in_words_and_bars(calmloop: Calmloop) -> None:
    code, told = calmloop("preview", "ocean-waves")
    assert code == 0
    assert "Floating, 300 s: surf" in told
    assert "vibration ▂" in told
    assert "the chair's gate lets all of it through" in told
    assert "has no track 'surf' (it has mine)" in told


def test_scenarios_are_listed_in_a_language(
    calmloop: Calmloop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    code, told = calmloop("list", "--language", "lv")
    assert code == 0
    line = next(line for line in told.splitlines() if "ocean-waves" in line)
    for part in ("Jūras viļņi", "to begin with, for a child who likes sound", "9", "seizures"):
        assert part in line
    assert "abrupt" in told
    assert "Ocean waves" in calmloop("list")[1]
    assert calmloop("list", "--language", "fr")[0] == 2


def test_a_picture_that_cannot_be_used_is_a_fault(calmloop: Calmloop, own: Path) -> None:
    (own / "abrupt.svg").write_bytes(b"\xff")
    code, told = calmloop("check", own)
    assert code == 2
    assert "abrupt.svg: cannot be read" in told


def test_a_scenario_is_drawn(calmloop: Calmloop, tmp_path: Path) -> None:
    out = tmp_path / "abrupt.png"
    assert calmloop("preview", "abrupt", "--out", out)[0] == 0
    picture = cv2.imread(str(out))
    assert picture is not None
    assert picture.std() > 20.0


def test_a_scenario_that_nobody_knows_is_told_with_those_there_are(calmloop: Calmloop) -> None:
    code, told = calmloop("preview", "evening")
    assert code == 2
    assert "no scenario is called 'evening': there are " in told


def test_the_sound_of_each_phase_is_played_as_the_chair_gives_it(
    calmloop: Calmloop, monkeypatch: pytest.MonkeyPatch
) -> None:
    played: list[Pcm] = []
    monkeypatch.setattr(playing, "play_blocks", lambda blocks, _channels: played.extend(blocks))
    code, told = calmloop("preview", "abrupt", "--play")
    assert code == 0
    sound = np.concatenate(played)
    assert len(sound) / RATE_HZ == pytest.approx(24.0, abs=2.1 * STEP_S)
    assert not sound[: 12 * RATE_HZ].any(), "its first phase is silent"
    assert sound.any()
    played.clear()
    code, told = calmloop("preview", "ocean-waves", "--play")
    assert code == 0
    assert "no track 'surf'" in told
    assert not played


def test_a_phase_is_heard_at_its_level_and_goes_over_into_the_next_softly(
    tracks: TrackLibrary,
) -> None:
    for name, hz in (("low", 100.0), ("high", 400.0)):
        write_track(tracks.folder, name, tone(hz, 2.0))
    phases = yaml.safe_load(LEVELS)
    said = {"name": "s", "title": "S", "description": "D", "contraindications": ["none known"]}
    shown = timeline(
        listening.shortened(Scenario.model_validate(said | {"phases": phases}), 12.0), 60.0, tracks
    )
    loaded = {name: load(tracks, name) for name in ("low", "high")}
    sound = np.concatenate(list(listening.performance(shown, loaded)))[:, 0] / AMPLITUDE
    tops = [np.abs(sound[round(at * RATE_HZ) :][:RATE_HZ]).max() for at in (8.0, 20.0, 32.0)]
    assert tops == pytest.approx([0.5, 1.0, 0.25], abs=0.01)
    steepest = 2 * np.pi * 400.0 / RATE_HZ
    assert np.abs(np.diff(sound)).max() <= 1.1 * steepest
    assert not sound[0]
    assert abs(sound[-1]) < 0.01
    loaded.pop("high")
    missing = np.concatenate(list(listening.performance(shown, loaded)))[:, 0]
    assert not missing[30 * RATE_HZ : 34 * RATE_HZ].any()


def test_a_folder_is_checked_for_files_and_tracks(calmloop: Calmloop, own: Path) -> None:
    (own / "gentle.yaml").write_text(SHARED + GENTLE)
    code, told = calmloop("check", own)
    assert code == 0
    assert "good: gentle: T, 0 min\n" in told, "surf ships, if it is not rendered yet"
    assert "good: abrupt: T, 1 min; the chair's gate takes away up to" in told
    (own / "silent.yaml").write_text(SHARED + GENTLE.replace("surf", "waves"))
    code, told = calmloop("check", own)
    assert code == 2
    assert "silent: sound: " in told
    assert "has no track 'waves' (it has mine)" in told
    (own / "wrong.yaml").write_text(SHARED + GENTLE.replace("30", "3"))
    code, told = calmloop("check", own)
    assert code == 2
    assert "phases.0.duration_s" in told


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (lambda path: path.touch(), "is no folder: name one that holds scenarios"),
        (lambda path: path.mkdir(), "holds no scenario: name a folder of .yaml files"),
        (lambda path: None, "is no folder"),
    ],
)
def test_a_folder_without_scenarios_is_named(
    calmloop: Calmloop, tmp_path: Path, made: Callable[[Path], None], told: str
) -> None:
    made(tmp_path / "given")
    code, output = calmloop("check", tmp_path / "given")
    assert code == 2
    assert told in output


@pytest.mark.slow
def test_what_ships_passes_its_own_check_and_the_gate(tracks: TrackLibrary) -> None:
    for scenario in load_scenarios().values():
        shaped = timeline(scenario, 60.0, tracks).shaped_away_pct
        assert shaped["vibration"] < 1.0, scenario.name
        assert shaped["light"] < 1.0, scenario.name


def test_the_sound_is_heard_as_its_track_swells(tracks: TrackLibrary, own: Path) -> None:
    shown = timeline(load_scenarios(own)["abrupt"], 50.0, tracks)
    assert len(shown.times_s) == 400
    assert not shown.heard_pct[:200].any()
    assert shown.given_sound_pct[-1] == pytest.approx(50.0)
    # The swell is 5 s into each turn of the ten seconds; the track sets in with its phase.
    turn = shown.heard_pct[300:400]
    assert turn[40:65].mean() > 3.0 * turn[:20].mean()
    assert turn.max() > 25.0


def calibration() -> CCalibration:
    """Of a chair whose ceilings are full scale."""
    read = CCalibration()
    weak = record_of([(hz, 700) for hz in range(30, 81, 10)], 700)
    assert firmware().calibration_read(read, weak)
    return read


def test_levels_and_light_are_those_of_the_gate_in_the_chair() -> None:
    rng = np.random.default_rng(3)
    levels = np.repeat(rng.uniform(0.0, 100.0, 40), 8)
    light = np.repeat(rng.uniform(40.0, 100.0, (40, 3)), 8, axis=0)
    core, gate, table = firmware(), CGate(), calibration()
    core.gate_init(gate)
    gate.light = CLight(*(round(value * 10_000) for value in light[0]))
    seen = []
    for level, colour in zip(levels, light, strict=True):
        wanted = CLight(*(round(value * 10_000) for value in colour))
        target = CGate(round(level * 10_000), 40_000, round(level * 10_000), wanted)
        for _ in range(50):
            core.gate_step(gate, target, table, 2)
        lit = gate.light
        seen.append((gate.sound_ppm, lit.red_ppm, lit.green_ppm, lit.blue_ppm))
    chairs = np.array(seen) / 10_000
    assert np.abs(gated_level(levels, STEP_S, 0.0) - chairs[:, 0]).max() < 0.2
    assert np.abs(gated_light(light, STEP_S) - chairs[:, 1:]).max() < 0.2


SWELLS = """
  - {title: Follows, duration_s: 60, sound: {track: mine, level_pct: 50},
     vibration: {frequency_hz: 40, level_pct: 60, follows: sound}}
  - {title: Glows, duration_s: 60, sound: {track: mine, level_pct: 50},
     vibration: {frequency_hz: 40, level_pct: 60, follows: sound},
     light: {level_pct: 50, follows: sound, colours: [{green_pct: 100}]}}
  - {title: Breathes, duration_s: 60, pace: {from_per_min: 8, to_per_min: 5},
     vibration: {frequency_hz: 40, level_pct: 60, paced: breath}}
  - {title: Own, duration_s: 60, pace: {from_per_min: 6, to_per_min: 6, starts_at: child},
     light: {level_pct: 50, paced: breath, colours: [{green_pct: 100}]}}
"""


def test_what_moves_is_drawn_and_passes_the_gate(calmloop: Calmloop, own: Path) -> None:
    (own / "swells.yaml").write_text(SHARED + SWELLS)
    code, told = calmloop("preview", "swells")
    assert code == 0
    assert "Follows, 60 s: mine, and vibration follows it" in told
    assert "Glows, 60 s: mine, and vibration and light follow it" in told
    assert "Breathes, 60 s: silent, vibration at 8 to 5 breaths a minute" in told
    childs = "at 6 breaths a minute, or from the child's own where its heart is known"
    assert f"Own, 60 s: silent, light {childs}" in told
    assert "the chair's gate lets all of it through" in told


def test_vibration_is_shown_as_it_follows(tracks: TrackLibrary, own: Path) -> None:
    (own / "swells.yaml").write_text(SHARED + SWELLS)
    shown = timeline(load_scenarios(own)["swells"], 100.0, tracks)
    assert shown.alike["mine"] > 0.85
    assert not shown.hardly_followed
    first, second = shown.vibration_pct[200:600], shown.vibration_pct[650:1800]
    for part in (first, second):
        assert 29.9 < part.min() < 36.0
        assert 50.0 < part.max() <= 60.0


def test_a_beat_that_nothing_can_follow_is_told(
    calmloop: Calmloop, own: Path, tracks: TrackLibrary
) -> None:
    loom = Loom(10, 1)
    beats = [place + 0.25 for place in range(10)]
    sound = loom.noise(band(40, 200)) * loom.upsampled(0.05 + loom.events(Pulse(0.2, 0.2), beats))
    pcm = quantised(sound, gain_db(sound, loop=True))
    said = {"title": "Beats", "licence": "CC0-1.0", "source": "a test"}
    store(tracks, pcm, described(pcm, name="beats", loop=True, **said))
    (own / "beats.yaml").write_text(SHARED + SWELLS.replace("mine", "beats"))
    code, told = calmloop("check", own)
    assert code == 0
    assert "vibration hardly follows 'beats': it follows swells of some seconds, not beats" in told
