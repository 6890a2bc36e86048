"""What of a scenario's sound is heard: its tracks at the chair's levels, phase after phase."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from calmloop.base.track_audio import LoadedTrack, Pcm
from calmloop.base.tracks import RATE_HZ
from calmloop.scenario_selector import Scenario
from calmloop.scenarios.timeline import STEP_S, ScenarioTimeline

STEP_FRAMES = round(STEP_S * RATE_HZ)
CROSSFADE_S = 2.0
"""From one track to another, at equal power, as the sound player does it."""
ENDS_S = 1.0
"""The fades of the first level and of the last."""

Samples = NDArray[np.float64]


def shortened(scenario: Scenario, phase_s: float) -> Scenario:
    """The same with phases of this length, however long they are written."""
    phases = [phase.model_copy(update={"duration_s": phase_s}) for phase in scenario.phases]
    return scenario.model_copy(update={"phases": tuple(phases)})


def performance(shown: ScenarioTimeline, tracks: Mapping[str, LoadedTrack]) -> Iterator[Pcm]:
    """The sound of a scenario in blocks of STEP_S, stereo; its loudest level is a track's own.

    Args:
        shown: The scenario over time.
        tracks: By name; one that is missing is silent.
    """
    levels = _levels(shown)
    voices: list[_Voice] = []
    for step, name in enumerate(shown.sound_tracks.tolist()):
        if name and (not voices or voices[-1].name != name):
            _bring_in(voices, _Voice(name, tracks.get(name), 0.0 if voices else 1.0))
        gain = np.linspace(levels[step], levels[step + 1], STEP_FRAMES, endpoint=False)
        mixed = sum((voice.sound() for voice in voices), np.zeros((STEP_FRAMES, 2)))
        yield np.asarray(np.round(mixed * gain[:, np.newaxis]), np.int16)
        voices = list(filter(_Voice.is_heard, voices))


def _bring_in(voices: "list[_Voice]", new: "_Voice") -> None:
    for voice in voices:
        voice.target = 0.0
    voices.append(new)


def _levels(shown: ScenarioTimeline) -> Samples:
    """What the gate gives of the sound at the steps' ends, 0..1, the loudest 1; both ends faded."""
    levels = np.append(shown.given_sound_pct, 0.0)
    levels /= max(float(levels.max()), 1e-9)
    steps = np.arange(len(levels))
    ends = np.minimum(steps, len(levels) - 1 - steps) * STEP_S / ENDS_S
    return np.asarray(levels * np.clip(ends, 0.0, 1.0))


class _Voice:
    """A track on its way in or out, 0 to 1 of a crossfade; it goes round where it is a loop."""

    def __init__(self, name: str, track: LoadedTrack | None, share: float) -> None:
        self.name = name
        self.share = share
        self.target = 1.0
        self._track = track
        self._frame = 0

    def is_heard(self) -> bool:
        """Whether it sounds, or will."""
        return bool(self.share or self.target)

    def sound(self) -> Samples:
        """The next frames, shape (STEP_FRAMES, 2)."""
        way = STEP_S / CROSSFADE_S if self.target > self.share else -STEP_S / CROSSFADE_S
        end = min(1.0, max(0.0, self.share + way)) if self.share != self.target else self.share
        shares = np.linspace(self.share, end, STEP_FRAMES, endpoint=False)
        self.share = end
        places = self._frame + np.arange(STEP_FRAMES)
        self._frame += STEP_FRAMES
        if self._track is None:
            return np.zeros((STEP_FRAMES, 2))
        frames, loop = self._track.sidecar.frames, self._track.sidecar.loop
        sound = np.take(self._track.samples, places % frames, axis=0) * np.ones((1, 2))
        if not loop:
            sound[places >= frames] = 0.0
        return np.asarray(sound * np.sin(shares * (np.pi / 2))[:, np.newaxis])
