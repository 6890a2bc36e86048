"""How vibration and light move below their levels: with the sound, or with a breath.

It only ever lowers a level: a share of 0 to 1 by which that is multiplied, whatever the sound
player tells. The level itself is the engine's, and what is remembered of a child is that level. It
rises no faster than the chair's gate would let it, so that the gate takes nothing away and nothing
lags.
A sound that is lost leaves the lowest of the swell, since nothing rises for want of news; from
there it comes back as slowly as the sound does, and only while anything may rise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from calmloop.base.tracks import ENVELOPE_HZ, TrackSidecar
from calmloop.scenario_selector.entrainment import PhasePace, Rhythm
from calmloop.scenario_selector.frequency import FrequencyGlide, away_hz
from calmloop.scenario_selector.limits import (
    GATE_RISE_PCT_PER_S,
    SOUND_BACK_S,
    SWELL_FALL_PER_S,
)
from calmloop.scenario_selector.outputs import Stimulus
from calmloop.scenario_selector.pacing import GUIDES, BreathPace, breath_at
from calmloop.scenario_selector.scenario import LightTrack, ScenarioPhase, VibrationTrack

SMOOTH_VALUES = ENVELOPE_HZ
"""Two means of a second in turn: swells stay, beats go."""

CATCH_UP = 0.25
"""By how much of itself the pace changes at most to meet a guide's breath."""


@dataclass(frozen=True)
class Heard:
    """What sounds when a setpoint of now reaches the chair.

    Attributes:
        track: Its name; empty while no place in any is known.
        position_s: In the track.
        sidecar: Of the track; None where it cannot be read.
    """

    track: str = ""
    position_s: float = 0.0
    sidecar: TrackSidecar | None = None


LOST = Heard()
"""A player was heard, and tells of no place in a track now."""


def shaped(envelope: Sequence[float], rise_per_s: float) -> tuple[float, ...]:
    """A low band's envelope as a swell that is in time with it, and that the gate can follow.

    Smoothed without delay, its largest value at 1; then the mean of what a limited rise makes of
    it forwards (late) and backwards in time (early), which rises no faster than either, in its
    midst. It goes round: a loop has no end, and other tracks fade at both.

    Args:
        envelope: ENVELOPE_HZ values a second, 0..1.
        rise_per_s: What it may rise in a second at most, as a share of 1.
    """
    smooth = _mean(_mean(envelope))
    largest = max(*smooth, 1e-6)
    swell = [min(1.0, value / largest) for value in smooth]
    step = rise_per_s / ENVELOPE_HZ
    late = _limited(swell, step)
    early = reversed(_limited([-value for value in reversed(swell)], step))
    return tuple(min(1.0, max(0.0, 0.5 * (a - b))) for a, b in zip(late, early, strict=True))


def _limited(values: Sequence[float], step: float) -> list[float]:
    """What rises by `step` from value to value at most, from the lowest on once round."""
    start = values.index(min(values))
    limited, last = [], values[start]
    for value in (*values[start:], *values[:start]):
        last = min(value, last + step)
        limited.append(last)
    turned = len(values) - start
    return limited[turned:] + limited[:turned]


def _mean(values: Sequence[float]) -> list[float]:
    """Over SMOOTH_VALUES and one more around each; it goes round."""
    half = SMOOTH_VALUES // 2
    sums = list(accumulate((*values[-half:], *values, *values[:half]), initial=0.0))
    width = 2 * half + 1
    return [(end - begin) / width for begin, end in zip(sums, sums[width:], strict=False)]


class BreathClock:
    """Counts breaths, over all phases: nothing that is paced ever jumps."""

    def __init__(self) -> None:
        self.breaths = 0.0

    def advance(self, elapsed_s: float, per_min: float, guide: float | None = None) -> None:
        """Lets time pass.

        Args:
            elapsed_s: How much.
            per_min: The pace.
            guide: How many breaths a guide that sounds has had by now, where one does: it is met
                without a jump.
        """
        step = elapsed_s * per_min / 60.0
        if guide is not None:
            apart = (guide - self.breaths - step + 0.5) % 1.0 - 0.5
            step += min(CATCH_UP * step, max(-CATCH_UP * step, apart))
        self.breaths += step


class TrackSwell:
    """The share of one track of one phase, 0..1.

    Attributes:
        share: What its level is multiplied with; 1 for a track that does not move.
    """

    def __init__(self, track: VibrationTrack | LightTrack | None, pace: BreathPace | None) -> None:
        self.share = 1.0
        self._track = track
        self._rise_per_s = GATE_RISE_PCT_PER_S / max(1.0, track.level_pct) if track else 0.0
        self._depth = track.depth if track else 0.0
        if pace is not None:
            self._depth = min(self._depth, self._rise_per_s / pace.steepest_per_s)
        self._sidecar: TrackSidecar | None = None
        self._swell: TrackSidecar | None = None
        self._full = 0.0
        self._began = False

    def move(self, elapsed_s: float, heard: Heard | None, back: float, breath: float) -> None:
        """Lets time pass.

        Args:
            elapsed_s: How much.
            heard: What sounds, of the track that this one follows; None where no player ever did.
            back: How much of the swell is back after a loss, 0..1.
            breath: How full the breath is, 0..1.
        """
        track = self._track
        if track is None:
            return
        if track.paced:
            full = breath
        elif track.follows:
            full = 1.0 if heard is None else self._full_at(heard) * back
        else:
            return
        wanted = 1.0 - self._depth * (1.0 - full)
        if self._began:
            wanted = min(wanted, self.share + self._rise_per_s * elapsed_s)
            wanted = max(wanted, self.share - SWELL_FALL_PER_S * elapsed_s)
        self._began = True
        self.share = min(1.0, max(0.0, wanted))

    def _full_at(self, heard: Heard) -> float:
        """How full the swell is; what it was last where that is not known."""
        if heard.sidecar is not None:
            if heard.sidecar is not self._sidecar:
                self._sidecar = heard.sidecar
                rise_per_s = self._rise_per_s / self._depth
                swell = shaped(heard.sidecar.envelope, rise_per_s)
                self._swell = heard.sidecar.model_copy(update={"envelope": swell})
            if self._swell is not None:
                self._full = self._swell.envelope_at(heard.position_s)
        return self._full


class PhaseMovement:
    """The shares of one phase's tracks.

    Attributes:
        away_hz: How far the tone that sounds is from vibration's own frequency, if that follows.
    """

    def __init__(self, phase: ScenarioPhase) -> None:
        self.phase = phase
        self.vibration = TrackSwell(phase.vibration, _pace_of(phase, phase.vibration))
        self.light = TrackSwell(phase.light, _pace_of(phase, phase.light))
        self.away_hz = 0.0

    def move(self, elapsed_s: float, heard: Heard | None, back: float, breath: float) -> None:
        """Lets time pass; see TrackSwell. Another phase's sound is not followed."""
        if heard is not None and not self.is_with(heard):
            heard, back = LOST, 0.0
        tone_hz = heard.sidecar.tone_at(heard.position_s) if heard and heard.sidecar else None
        self.away_hz = away_hz(self.phase.vibration, tone_hz)
        for swell in (self.vibration, self.light):
            swell.move(elapsed_s, heard, back, breath)

    def is_with(self, heard: Heard) -> bool:
        """Whether this phase's own track sounds."""
        return self.phase.sound is not None and heard.track == self.phase.sound.track


class ScenarioMovement:
    """What moves in a scenario as it goes from phase to phase."""

    def __init__(self, phase: ScenarioPhase) -> None:
        self._clock = BreathClock()
        self._per_min = 0.0
        self._back = 0.0
        self._now = PhaseMovement(phase)
        self._before = self._now
        self._pace = PhasePace(phase.pace)
        self._glide = FrequencyGlide()

    def enter(self, phase: ScenarioPhase) -> None:
        """Goes over to a phase; the one before goes on while it fades."""
        self._before, self._now = self._now, PhaseMovement(phase)
        self._pace = PhasePace(phase.pace)

    @property
    def pace_said(self) -> str:
        """Whence the pace comes that may begin at the child's own; else empty."""
        return self._pace.said

    def move(
        self,
        elapsed_s: float,
        heard: Heard | None,
        into: float,
        *,
        may_rise: bool,
        rhythm: Rhythm | None = None,
    ) -> None:
        """Lets time pass.

        Args:
            elapsed_s: How much.
            heard: What sounds; None where no player was ever heard.
            into: Which share of the present phase is over, 0..1.
            may_rise: Whether anything may that is no answer to the child.
            rhythm: The child's own, where it is known.
        """
        per_min = self._pace.per_min_at(into, rhythm)
        self._per_min = self._per_min if per_min is None else per_min
        self._clock.advance(elapsed_s, self._per_min, self._guide(heard))
        self._glide.move(elapsed_s)
        if heard is None or heard.sidecar is None:
            self._back = 0.0
        elif may_rise:
            self._back = min(1.0, self._back + elapsed_s / SOUND_BACK_S)
        breath = breath_at(self._clock.breaths)
        self._now.move(elapsed_s, heard, self._back, breath)
        if self._before is not self._now:
            self._before.move(elapsed_s, heard, self._back, breath)

    def moved(self, asked: Stimulus, fade: float) -> Stimulus:
        """The same, no channel above what it was, at the frequency of now.

        Args:
            asked: What the levels alone give.
            fade: How far the present phase has replaced the one before, 0..1.
        """
        before, now = self._before, self._now
        vibration = before.vibration.share * (1.0 - fade) + now.vibration.share * fade
        light = before.light.share * (1.0 - fade) + now.light.share * fade
        away_hz = before.away_hz * (1.0 - fade) + now.away_hz * fade
        felt, lit = asked.vibration, asked.light
        felt = felt.model_copy(update={"level_pct": felt.level_pct * min(1.0, vibration)})
        felt = self._glide.glided(felt, away_hz)
        if light >= 1.0:
            return Stimulus(felt, asked.sound, lit)
        return Stimulus(
            felt,
            asked.sound,
            lit.model_copy(
                update={
                    "red_pct": lit.red_pct * min(1.0, light),
                    "green_pct": lit.green_pct * min(1.0, light),
                    "blue_pct": lit.blue_pct * min(1.0, light),
                }
            ),
        )

    def _guide(self, heard: Heard | None) -> float | None:
        """How many breaths the guide that sounds has had, if it is this phase's."""
        if heard is None or self._now.phase.pace is None or not self._now.is_with(heard):
            return None
        per_min = GUIDES.get(heard.track)
        return heard.position_s * per_min / 60.0 if per_min else None


def _pace_of(phase: ScenarioPhase, track: VibrationTrack | LightTrack | None) -> BreathPace | None:
    return phase.pace if track is not None and track.paced else None
