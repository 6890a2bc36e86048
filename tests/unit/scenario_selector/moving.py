"""A sound that swells as a test wants it, and the way from a player's levels to the chair's."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from calmloop.base.tracks import ENVELOPE_HZ, FRAMES_PER_VALUE, TrackLibrary, TrackSidecar
from calmloop.contract.messages.sound import SoundCondition, SoundState
from calmloop.scenario_selector.following import SoundPlaces
from calmloop.scenario_selector.player import Drive, ScenarioPlayer
from calmloop.scenario_selector.scenario import Scenario
from calmloop.scenarios.gate import gated_level, gated_light

Series = NDArray[np.float64]
HERE = "here"
SETPOINT_S, STATE_S, BUFFER_S = 0.08, 0.1, 0.15
WAY_S = 0.0385
"""From a setpoint to the chair's report of it, as `make bench` measured."""
FINE_S = 0.005


def sidecar(
    name: str,
    swell: Callable[[Series], Series],
    seconds: int = 60,
    tone_hz: Callable[[Series], Series] | None = None,
) -> TrackSidecar:
    """Of a loop whose low band swells so, and has this tone, by the time in s."""
    times_s = np.arange(seconds * ENVELOPE_HZ) / ENVELOPE_HZ
    return TrackSidecar(
        name=name,
        title=name,
        licence="Apache-2.0",
        source="a test",
        frames=seconds * ENVELOPE_HZ * FRAMES_PER_VALUE,
        loop=True,
        loudness_lufs=-23.0,
        true_peak_dbtp=-6.0,
        onset_db=3.0,
        sha256="0" * 64,
        envelope=tuple(float(value) for value in np.clip(swell(times_s), 0.0, 1.0)),
        tone_hz=tuple(float(hz) for hz in tone_hz(times_s)) if tone_hz else None,
    )


def library(folder: Path, *sidecars: TrackSidecar) -> TrackLibrary:
    """A folder that holds them."""
    folder.mkdir(exist_ok=True)
    for one in sidecars:
        (folder / f"{one.name}.json").write_text(json.dumps(one.model_dump(mode="json")))
    return TrackLibrary(folder)


def state(track: str, position_s: float, output_s: float, host: str = HERE) -> SoundState:
    """A player that plays: this place of the track is at the output at that time."""
    return SoundState(
        condition=SoundCondition.PLAYING,
        track=track,
        position_s=position_s,
        output_ns=round(output_s * 1e9),
        host_boot_id=host,
    )


def scenario(phases: str) -> Scenario:
    """One of these phases, in YAML."""
    said = {"name": "s", "title": "S", "description": "D", "contraindications": ["none known"]}
    return Scenario.model_validate(said | {"phases": yaml.safe_load(phases)})


@dataclass(frozen=True)
class Felt:
    """What the chair gives, a value each FINE_S.

    Attributes:
        times_s: Since the beginning.
        vibration: Percent of full scale.
        light: Of its brightest colour.
        asked: What was asked of vibration.
    """

    times_s: Series
    vibration: Series
    light: Series
    asked: Series


def felt(
    played: Scenario, tracks: TrackLibrary, track: str, began_s: float, seconds: float
) -> Felt:
    """Plays a scenario at full intensity beside a sound, through the way and the gate.

    Args:
        played: What to play.
        tracks: Where the sidecar of the sound is.
        track: What sounds.
        began_s: Place in it at the output at 0 s.
        seconds: How long.
    """
    player, drive = ScenarioPlayer(played), Drive(100.0, 1.0)
    places = SoundPlaces(HERE, tracks)
    vibration, light = [], []
    for step in range(round(seconds / SETPOINT_S)):
        now_s = step * SETPOINT_S
        output_s = now_s // STATE_S * STATE_S + BUFFER_S
        told = state(track, began_s + output_s, output_s)
        player.move(SETPOINT_S, places.heard(told, now_s))
        moved = player.moved(player.stimulus(drive))
        player.advance(SETPOINT_S)
        vibration.append(moved.vibration.level_pct)
        light.append((moved.light.red_pct, moved.light.green_pct, moved.light.blue_pct))
    times_s = np.arange(0.0, seconds - 1.0, FINE_S)
    places_of = np.maximum(0, np.floor((times_s - WAY_S) / SETPOINT_S)).astype(int)
    asked, lit = np.array(vibration)[places_of], np.array(light)[places_of]
    given = gated_level(asked, FINE_S, asked[0])
    return Felt(times_s, given, gated_light(lit, FINE_S).max(axis=1), asked)


def correlation(first: Series, second: Series) -> float:
    """At zero lag."""
    return float(np.corrcoef(first, second)[0, 1])


def offset_s(late: Series, truth: Series, most_s: float = 2.0) -> float:
    """By how much `late` comes after `truth` where both are most alike."""
    most = round(most_s / FINE_S)
    middle = truth[most:-most]
    alike = [
        correlation(late[most + lag : len(late) - most + lag], middle) for lag in range(-most, most)
    ]
    return (int(np.argmax(alike)) - most) * FINE_S
