"""A scenario over time, as the engine asks for it, the gate gives it and it is heard."""

from dataclasses import dataclass

import numpy as np

from calmloop.base.tracks import TrackError, TrackLibrary
from calmloop.scenario_selector import Drive, Scenario, ScenarioPlayer
from calmloop.scenarios.gate import Levels, gated_level, gated_light

STEP_S = 0.1
"""As often as setpoints are sent."""
NOTABLE_PCT = 1.0
"""Less than this of full scale is no difference that anybody would notice."""


@dataclass(frozen=True)
class ScenarioTimeline:
    """The three channels of a scenario, a value each STEP_S.

    Attributes:
        scenario: Whose they are.
        times_s: Shape (steps,).
        vibration_pct: What is asked, shape (steps,).
        vibration_hz: Its frequency.
        given_vibration_pct: What the gate lets through.
        sound_pct: The amplifier's level that is asked.
        given_sound_pct: What the gate lets through.
        heard_pct: That times the low band of the track that plays; 0 where it is not there.
        light_pct: Linear RGB that is asked, shape (steps, 3).
        given_light_pct: What the gate lets through.
        missing: Why a track cannot be drawn, by its name.
    """

    scenario: Scenario
    times_s: Levels
    vibration_pct: Levels
    vibration_hz: Levels
    given_vibration_pct: Levels
    sound_pct: Levels
    given_sound_pct: Levels
    heard_pct: Levels
    light_pct: Levels
    given_light_pct: Levels
    missing: dict[str, str]

    @property
    def shaped_away_pct(self) -> dict[str, float]:
        """By channel: the largest difference between what is asked and what the gate gives."""
        return {
            "vibration": _apart(self.vibration_pct, self.given_vibration_pct),
            "sound": _apart(self.sound_pct, self.given_sound_pct),
            "light": _apart(self.light_pct, self.given_light_pct),
        }


def timeline(scenario: Scenario, intensity_pct: float, tracks: TrackLibrary) -> ScenarioTimeline:
    """Plays a scenario from its first to its last phase at one intensity.

    Args:
        scenario: What to play.
        intensity_pct: Multiplies the tracks that follow it, 0..100.
        tracks: Where the sidecars of its sound are.
    """
    player, drive = ScenarioPlayer(scenario), Drive(intensity_pct, gain=1.0)
    stimuli = [player.stimulus(drive)]
    while player.advance(STEP_S):
        stimuli.append(player.stimulus(drive))
    times_s: Levels = np.arange(len(stimuli), dtype=np.float64) * STEP_S
    vibration = np.array([one.vibration.level_pct for one in stimuli])
    sound = np.array([one.sound.level_pct for one in stimuli])
    light = np.array(
        [(one.light.red_pct, one.light.green_pct, one.light.blue_pct) for one in stimuli]
    )
    # The first levels are reached in a session's warm-up, which takes far longer than the gate.
    given_sound = gated_level(sound, STEP_S, sound[0])
    swells, missing = _swells([one.sound.track for one in stimuli], tracks)
    return ScenarioTimeline(
        scenario,
        times_s,
        vibration,
        np.array([one.vibration.frequency_hz for one in stimuli]),
        gated_level(vibration, STEP_S, vibration[0]),
        sound,
        given_sound,
        given_sound * swells,
        light,
        gated_light(light, STEP_S),
        missing,
    )


def _apart(asked: Levels, given: Levels) -> float:
    return float(np.abs(asked - given).max())


def _swells(names: list[str], tracks: TrackLibrary) -> tuple[Levels, dict[str, str]]:
    """The low band of whatever track plays, each from its beginning where it sets in."""
    swells, missing, began = np.zeros(len(names)), {}, 0
    sidecars = {}
    for name in sorted(set(names) - {""}):
        try:
            sidecars[name] = tracks.sidecar(name)
        except TrackError as error:
            missing[name] = str(error)
    for place, name in enumerate(names):
        if place and name != names[place - 1]:
            began = place
        if name in sidecars:
            swells[place] = sidecars[name].envelope_at((place - began) * STEP_S)
    return swells, missing
