"""A scenario over time, as the engine asks for it, the gate gives it and it is heard."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calmloop.base.tracks import TrackError, TrackLibrary, TrackSidecar
from calmloop.scenario_selector import Drive, Heard, Scenario, ScenarioPlayer
from calmloop.scenarios.gate import Levels, gated_level, gated_light

STEP_S = 0.1
"""As often as setpoints are sent."""
NOTABLE_PCT = 1.0
"""Less than this of full scale is no difference that anybody would notice."""

LEAST_ALIKE = 0.5
"""Below this correlation a vibration is not felt to follow; the soundscape `surf` has 0.98."""
SETTLED_S = 15.0
"""From the beginning of a scenario until a swell is followed in full."""


@dataclass(frozen=True)
class ScenarioTimeline:
    """The three channels of a scenario, a value each STEP_S.

    Attributes:
        scenario: Whose they are.
        times_s: Shape (steps,).
        vibration_pct: What is asked, shape (steps,).
        vibration_hz: Its frequency.
        given_vibration_pct: What the gate lets through.
        sound_tracks: The track that is asked, by its name; empty where there is none.
        sound_pct: The amplifier's level that is asked.
        given_sound_pct: What the gate lets through.
        heard_pct: That times the low band of the track that plays; 0 where it is not there.
        light_pct: Linear RGB that is asked, shape (steps, 3).
        given_light_pct: What the gate lets through.
        missing: Why a track cannot be drawn, by its name.
        alike: By each track that vibration follows: the correlation of the two, -1..1.
        toneless: Why vibration's frequency does not follow a track that it should, by its name.
    """

    scenario: Scenario
    times_s: Levels
    vibration_pct: Levels
    vibration_hz: Levels
    given_vibration_pct: Levels
    sound_tracks: NDArray[np.str_]
    sound_pct: Levels
    given_sound_pct: Levels
    heard_pct: Levels
    light_pct: Levels
    given_light_pct: Levels
    missing: dict[str, str]
    alike: dict[str, float]
    toneless: dict[str, str]

    @property
    def hardly_followed(self) -> list[str]:
        """Tracks whose low band moves too fast, or too little, for vibration to follow it."""
        return [name for name, alike in self.alike.items() if alike < LEAST_ALIKE]

    @property
    def shaped_away_pct(self) -> dict[str, float]:
        """By channel: the largest difference between what is asked and what the gate gives."""
        return {
            "vibration": _apart(self.vibration_pct, self.given_vibration_pct),
            "sound": _apart(self.sound_pct, self.given_sound_pct),
            "light": _apart(self.light_pct, self.given_light_pct),
        }


def timeline(scenario: Scenario, intensity_pct: float, tracks: TrackLibrary) -> ScenarioTimeline:
    """Plays a scenario from its first to its last phase at one intensity, with a sound player.

    What follows a sound swells with it; with a track that is not there it stays at its level, the
    most that the engine asks for.

    Args:
        scenario: What to play.
        intensity_pct: Multiplies the tracks that follow it, 0..100.
        tracks: Where the sidecars of its sound are.
    """
    sidecars, missing = _sidecars(scenario, tracks)
    player, drive = ScenarioPlayer(scenario), Drive(intensity_pct, gain=1.0)
    player.crosses = True
    sound_of = _SoundOfTimeline(sidecars)
    stimuli, swells, shares, followed = [], [], [], []
    goes_on = True
    while goes_on:
        asked = player.stimulus(drive)
        heard = sound_of.next(asked.sound.track)
        player.move(STEP_S, heard)
        moved, track = player.moved(asked), player.phase.vibration
        stimuli.append(moved)
        swells.append(sound_of.swell)
        shares.append(moved.vibration.level_pct / max(asked.vibration.level_pct, 1e-9))
        followed.append(asked.sound.track if track and track.follows else "")
        goes_on = player.advance(STEP_S)
    times_s: Levels = np.arange(len(stimuli), dtype=np.float64) * STEP_S
    vibration = np.array([one.vibration.level_pct for one in stimuli])
    sound = np.array([one.sound.level_pct for one in stimuli])
    light = np.array(
        [(one.light.red_pct, one.light.green_pct, one.light.blue_pct) for one in stimuli]
    )
    # The first levels are reached in a session's warm-up, which takes far longer than the gate.
    given_sound = gated_level(sound, STEP_S, sound[0])
    return ScenarioTimeline(
        scenario,
        times_s,
        vibration,
        np.array([one.vibration.frequency_hz for one in stimuli]),
        gated_level(vibration, STEP_S, vibration[0]),
        np.array([one.sound.track for one in stimuli]),
        sound,
        given_sound,
        given_sound * np.array(swells),
        light,
        gated_light(light, STEP_S),
        missing,
        _alike(np.array(followed), np.array(shares), np.array(swells), set(sidecars)),
        _toneless(scenario, sidecars),
    )


def _apart(asked: Levels, given: Levels) -> float:
    return float(np.abs(asked - given).max())


def _alike(
    followed: NDArray[np.str_], shares: Levels, swells: Levels, known: set[str]
) -> dict[str, float]:
    """By track: the correlation of what vibration does with its low band; 0 where one is still."""
    settled = np.arange(len(followed)) * STEP_S > SETTLED_S
    alike = {}
    for name in sorted(known & set(followed.tolist())):
        place = settled & (followed == name)
        moves = place.any() and shares[place].std() > 1e-6 and swells[place].std() > 1e-6
        alike[name] = float(np.corrcoef(shares[place], swells[place])[0, 1]) if moves else 0.0
    return alike


def _toneless(scenario: Scenario, sidecars: dict[str, TrackSidecar]) -> dict[str, str]:
    """Of the tracks that are there."""
    why = {}
    for phase in scenario.phases:
        if phase.sound and phase.vibration and phase.vibration.frequency_follows:
            known = sidecars.get(phase.sound.track)
            if known is not None and not known.tone_hz:
                why[known.name] = (
                    "its sidecar is from before tones were looked for: import it anew, or run"
                    " `calmloop sound render`"
                    if known.tone_hz is None
                    else "its low band has no clear tone"
                )
    return why


class _SoundOfTimeline:
    """Whatever track is asked for, each from its beginning where it sets in."""

    def __init__(self, sidecars: dict[str, TrackSidecar]) -> None:
        self.swell = 0.0
        self._sidecars = sidecars
        self._track = ""
        self._steps = 0

    def next(self, track: str) -> Heard | None:
        """What sounds in the next step; None where it is not known."""
        self._steps = self._steps + 1 if track == self._track else 0
        self._track = track
        sidecar = self._sidecars.get(track)
        if sidecar is None:
            self.swell = 0.0
            return None
        position_s = self._steps * STEP_S
        self.swell = sidecar.envelope_at(position_s)
        return Heard(track, position_s, sidecar)


def _sidecars(
    scenario: Scenario, tracks: TrackLibrary
) -> tuple[dict[str, TrackSidecar], dict[str, str]]:
    """Of each track of a scenario, and why there is none, by its name."""
    found, missing = {}, {}
    for name in sorted({phase.sound.track for phase in scenario.phases if phase.sound}):
        try:
            found[name] = tracks.sidecar(name)
        except TrackError as error:
            missing[name] = str(error)
    return found, missing
