"""Where in its scenario a session is, and what that makes of vibration, sound and light."""

import math
from dataclasses import dataclass, replace

from calmloop.contract.messages.session import Channel
from calmloop.contract.messages.stimulus import Light, Sound, Vibration
from calmloop.scenario_selector.entrainment import Rhythm
from calmloop.scenario_selector.limits import CROSSFADE_S
from calmloop.scenario_selector.movement import Heard, ScenarioMovement
from calmloop.scenario_selector.outputs import Stimulus
from calmloop.scenario_selector.scenario import (
    Colour,
    LightTrack,
    Programme,
    Scenario,
    ScenarioPhase,
)

MIN_STRETCH, MAX_STRETCH = 0.5, 2.0
"""Of a phase: no further from what its author wrote. What is left beyond is the last phase's."""

CROSSES_AT = 0.25
"""Of a crossfade of phases: here another track is named, so that a sound player's own crossfade, of
2 s, comes in its midst."""

BREATH_DEPTH = 0.4
"""How far a breathing light sinks below its level."""


@dataclass(frozen=True)
class Drive:
    """What scales a scenario's tracks.

    Attributes:
        intensity_pct: Multiplies the tracks that follow it, 0..100.
        gain: Multiplies everything, 0..1: pauses and ends fade it.
        channels_off: What a caregiver or the profile has switched off.
        dimming: Multiplies the tracks that do not follow the intensity, 0..1.
    """

    intensity_pct: float
    gain: float
    channels_off: frozenset[Channel] = frozenset()
    dimming: float = 1.0

    def level_pct(self, channel: Channel, level_pct: float, follows_intensity: bool) -> float:
        """The absolute level of a track that is written as `level_pct`."""
        if channel in self.channels_off:
            return 0.0
        share = self.intensity_pct / 100.0 if follows_intensity else self.dimming
        return level_pct * share * self.gain


class ScenarioPlayer:
    """Walks through the phases of one scenario after another, with a crossfade in between.

    The phases are stretched so that a whole number of rounds fits the time that there is.

    Attributes:
        sound_share: Multiplies the sound, 0..1: what of it can be played now.
        crosses: Whether who plays goes over from track to track by itself; else the sound fades
            out and in between two of them. It counts from the next phase on.
    """

    def __init__(self, scenario: Scenario, time_s: float = math.inf) -> None:
        """Begins.

        Args:
            scenario: What plays.
            time_s: That there is for it, again and again; inf leaves its phases as written.
        """
        self.scenario = scenario
        self._stretch = stretch_of(scenario.duration_s, time_s)
        self.sound_share = 1.0
        self.crosses = self._crossed = False
        self._index = 0
        self._into_phase_s = 0.0
        self._clock_s = 0.0
        self._previous: ScenarioPhase | None = None
        self._since_change_s = 0.0
        self._movement = ScenarioMovement(self.phase)

    @property
    def phase(self) -> ScenarioPhase:
        """The present phase."""
        return self.scenario.phases[self._index]

    @property
    def left_s(self) -> float:
        """Until the scenario is over, as far as it is played on; below 0 once it is."""
        rest = self.scenario.phases[self._index :]
        return self._stretch * sum(phase.duration_s for phase in rest) - self._into_phase_s

    def play(self, scenario: Scenario, time_s: float = math.inf) -> None:
        """Goes over to the first phase of `scenario`; see the constructor."""
        previous = self.phase
        self.scenario = scenario
        self._stretch = stretch_of(scenario.duration_s, time_s)
        self._enter(0, previous)

    def skip(self) -> bool:
        """Goes to the next phase; False when there is none."""
        if self._index + 1 >= len(self.scenario.phases):
            return False
        self._enter(self._index + 1, self.phase)
        return True

    def advance(self, elapsed_s: float) -> bool:
        """Lets time pass; False once the scenario is over (its last phase then goes on)."""
        self.dwell(elapsed_s)
        self._since_change_s += elapsed_s
        self._into_phase_s += elapsed_s
        return self._into_phase_s < self._stretch * self.phase.duration_s or self.skip()

    def dwell(self, elapsed_s: float) -> None:
        """Lets the light move on, but neither the scenario nor a crossfade.

        For the times in which nothing may rise: a phase may be stronger than the one before.
        """
        self._clock_s += elapsed_s

    @property
    def pace_said(self) -> str:
        """Whence the phase's pace comes, where it may begin at the child's own; else empty."""
        return self._movement.pace_said

    def move(
        self,
        elapsed_s: float,
        heard: Heard | None,
        *,
        may_rise: bool = True,
        rhythm: Rhythm | None = None,
    ) -> None:
        """Lets what follows the sound or a breath move on; see ScenarioMovement."""
        into = self._into_phase_s / (self._stretch * self.phase.duration_s)
        self._movement.move(elapsed_s, heard, into, may_rise=may_rise, rhythm=rhythm)

    def moved(self, stimulus: Stimulus) -> Stimulus:
        """The same as it swells and breathes, never above it, at the frequency that it has now."""
        return self._movement.moved(stimulus, self._fade)

    def stimulus(self, drive: Drive) -> Stimulus:
        """The levels now, before anything follows the sound or a breath."""
        asked = self._asked(drive)
        if self.sound_share == 1.0:
            return asked
        level_pct = asked.sound.level_pct * self.sound_share
        return replace(asked, sound=asked.sound.model_copy(update={"level_pct": level_pct}))

    def _asked(self, drive: Drive) -> Stimulus:
        now = _outputs(self.phase, drive, self._clock_s)
        if self._previous is None or self._fade >= 1.0:
            return now
        before = _outputs(self._previous, drive, self._clock_s)
        return _blend(before, now, self._fade, crossed=self._crossed)

    @property
    def _fade(self) -> float:
        """How far the present phase has replaced the one before, 0..1."""
        return 1.0 if self._previous is None else min(1.0, self._since_change_s / CROSSFADE_S)

    def _enter(self, index: int, previous: ScenarioPhase) -> None:
        self._index = index
        self._into_phase_s = 0.0
        self._previous = previous
        self._since_change_s = 0.0
        self._crossed = self.crosses
        self._movement.enter(self.phase)


def stretch_of(duration_s: float, time_s: float) -> float:
    """By what phases of `duration_s` in all are stretched to fit `time_s` in whole rounds."""
    if not math.isfinite(time_s):
        return 1.0
    rounds = max(1, round(time_s / duration_s))
    return min(MAX_STRETCH, max(MIN_STRETCH, time_s / (rounds * duration_s)))


def _outputs(phase: ScenarioPhase, drive: Drive, time_s: float) -> Stimulus:
    vibration, sound = Vibration(), Sound()
    if track := phase.vibration:
        level = drive.level_pct(Channel.VIBRATION, track.level_pct, track.follows_intensity)
        vibration = Vibration(
            waveform=track.waveform, frequency_hz=track.frequency_hz, level_pct=level
        )
    if noise := phase.sound:
        level = drive.level_pct(Channel.SOUND, noise.level_pct, noise.follows_intensity)
        sound = Sound(track=noise.track, level_pct=level)
    return Stimulus(vibration, sound, _light(phase.light, drive, time_s))


def _light(track: LightTrack | None, drive: Drive, time_s: float) -> Light:
    if track is None:
        return Light()
    level = drive.level_pct(Channel.LIGHT, track.level_pct, track.follows_intensity)
    red, green, blue = colour_at(track, time_s)
    share = level / 100.0
    return Light(red_pct=red * share, green_pct=green * share, blue_pct=blue * share)


def colour_at(track: LightTrack, time_s: float) -> tuple[float, float, float]:
    """Linear R, G, B in percent of a programme at `time_s`, before its level."""
    round_share = (time_s / track.period_s) % 1.0
    if track.programme is Programme.BREATHE:
        swell = 1.0 - BREATH_DEPTH * (0.5 - 0.5 * math.cos(2 * math.pi * round_share))
        red, green, blue = _rgb(track.colours[0])
        return red * swell, green * swell, blue * swell
    if track.programme is Programme.DRIFT:
        place = round_share * len(track.colours)
        first = int(place) % len(track.colours)
        second = (first + 1) % len(track.colours)
        return _mix(_rgb(track.colours[first]), _rgb(track.colours[second]), place - int(place))
    return _rgb(track.colours[0])


def _rgb(colour: Colour) -> tuple[float, float, float]:
    return colour.red_pct, colour.green_pct, colour.blue_pct


def _mix(
    first: tuple[float, float, float], second: tuple[float, float, float], share: float
) -> tuple[float, float, float]:
    red, green, blue = (a + (b - a) * share for a, b in zip(first, second, strict=True))
    return red, green, blue


def _blend(before: Stimulus, after: Stimulus, share: float, *, crossed: bool) -> Stimulus:
    return Stimulus(
        _blend_vibration(before.vibration, after.vibration, share),
        _blend_sound(before.sound, after.sound, share, crossed=crossed),
        _blend_light(before.light, after.light, share),
    )


def _blend_vibration(before: Vibration, after: Vibration, share: float) -> Vibration:
    start_hz = before.frequency_hz if before.level_pct else after.frequency_hz
    end_hz = after.frequency_hz if after.level_pct else start_hz
    return Vibration(
        waveform=after.waveform,
        frequency_hz=start_hz + (end_hz - start_hz) * share,
        level_pct=before.level_pct + (after.level_pct - before.level_pct) * share,
    )


def _blend_sound(before: Sound, after: Sound, share: float, *, crossed: bool) -> Sound:
    if before.track == after.track or (crossed and before.track and after.track):
        track = before.track if share < CROSSES_AT else after.track
        level = before.level_pct + (after.level_pct - before.level_pct) * share
        return Sound(track=track, level_pct=level)
    if share < 0.5:
        return Sound(track=before.track, level_pct=before.level_pct * (1.0 - 2.0 * share))
    return Sound(track=after.track, level_pct=after.level_pct * (2.0 * share - 1.0))


def _blend_light(before: Light, after: Light, share: float) -> Light:
    red, green, blue = _mix(
        (before.red_pct, before.green_pct, before.blue_pct),
        (after.red_pct, after.green_pct, after.blue_pct),
        share,
    )
    return Light(red_pct=red, green_pct=green, blue_pct=blue)
