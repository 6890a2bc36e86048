"""The frequency of vibration where it follows the tone of what sounds: in range, and never fast.

Nothing rises by it: the level is another matter, and the chair bounds what it makes of both.
"""

from calmloop.contract.messages.stimulus import MAX_VIBRATION_HZ, MIN_VIBRATION_HZ, Vibration
from calmloop.scenario_selector.limits import GATE_GLIDE_HZ_PER_S
from calmloop.scenario_selector.scenario import VibrationTrack


def away_hz(track: VibrationTrack | None, tone_hz: float | None) -> float:
    """How far a tone is from a track's own frequency; 0 where it does not follow, or none sounds.

    Args:
        track: Of a phase; None where nothing vibrates.
        tone_hz: Of what sounds, from MIN_VIBRATION_HZ to MAX_VIBRATION_HZ.
    """
    if track is None or track.frequency_follows is None or tone_hz is None:
        return 0.0
    return tone_hz - track.frequency_hz


class FrequencyGlide:
    """What can be felt glides to another frequency, no faster than the chair would let it."""

    def __init__(self) -> None:
        self._last: Vibration | None = None
        self._within_hz = 0.0

    def move(self, elapsed_s: float) -> None:
        """Lets time pass."""
        self._within_hz += GATE_GLIDE_HZ_PER_S * elapsed_s

    def glided(self, asked: Vibration, away_hz: float) -> Vibration:
        """The same, `away_hz` from its own frequency, or as near as it may be by now.

        From silence it begins at once at any.
        """
        hz = min(MAX_VIBRATION_HZ, max(MIN_VIBRATION_HZ, asked.frequency_hz + away_hz))
        if self._last is not None and self._last.level_pct > 0.0:
            last_hz = self._last.frequency_hz
            hz = min(last_hz + self._within_hz, max(last_hz - self._within_hz, hz))
        self._last = asked.model_copy(update={"frequency_hz": hz})
        self._within_hz = 0.0
        return self._last
