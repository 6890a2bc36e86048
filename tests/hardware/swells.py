"""Whether what is heard and what is felt swell as one: their lag and their likeness."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calmloop.emulator import Given
from tests.contract.player_harness import RATE_HZ, Recorded

Series = NDArray[np.float64]
STEP_S = 0.01
MAX_LAG_S = 1.5
SMOOTH_S = 0.4
"""Two means of this length take the flutter of noise from a sound's level, and no time."""
WINDOWS_EVERY_S = 0.25


@dataclass(frozen=True)
class SwellFigures:
    """How a channel swells beside the sound.

    Attributes:
        late_s: By how much it comes after the sound, one value for each window of one swell.
        alike: The correlation at no lag, -1..1.
    """

    late_s: Series
    alike: float

    @property
    def offset_p95_s(self) -> float:
        """The offset, early or late, that 95 of 100 windows keep."""
        return float(np.quantile(np.abs(self.late_s), 0.95))


def loudness(recorded: Recorded, begin_s: float, seconds: float) -> Series:
    """The root mean square of what was at the output, a value each STEP_S.

    Args:
        recorded: By the player's own recording.
        begin_s: By CLOCK_MONOTONIC.
        seconds: How long.
    """
    hop = round(STEP_S * RATE_HZ)
    margin = round(SMOOTH_S / STEP_S)
    first = recorded.frame(begin_s) - margin * hop
    count = round(seconds / STEP_S) + 2 * margin
    sound = recorded.sound[first : first + count * hop].astype(np.float64)
    assert len(sound) == count * hop, "the recording ends before that"
    energy = (sound.reshape(count, -1) ** 2).mean(axis=1)
    kernel = np.ones(margin) / margin
    smooth = np.convolve(np.convolve(energy, kernel, "same"), kernel, "same")
    return np.asarray(np.sqrt(smooth[margin:-margin]))


def at_pins(given: Sequence[Given], channel: str, begin_s: float, seconds: float) -> Series:
    """What an output gave, in percent, a value each STEP_S: it stays until it changes."""
    changed_s = np.array([one.at_ns / 1e9 for one in given])
    levels = np.array([getattr(one, channel) for one in given])
    times_s = begin_s + STEP_S * np.arange(round(seconds / STEP_S))
    return np.asarray(levels[np.searchsorted(changed_s, times_s, "right") - 1])


def beside(channel: Series, sound: Series, period_s: float) -> SwellFigures:
    """How a channel swells beside a sound.

    Args:
        channel: A value each STEP_S.
        sound: The same; both at least period_s + 2 MAX_LAG_S long.
        period_s: Of a swell.
    """
    late_s = [_lag_s(*both) for both in _windows(channel, sound, period_s)]
    return SwellFigures(np.array(late_s), float(np.corrcoef(channel, sound)[0, 1]))


def _windows(channel: Series, sound: Series, period_s: float) -> Iterator[tuple[Series, Series]]:
    """One swell of the sound each, and the channel MAX_LAG_S further to both sides."""
    most, width = round(MAX_LAG_S / STEP_S), round(period_s / STEP_S)
    every = round(WINDOWS_EVERY_S / STEP_S)
    for first in range(most, len(sound) - width - most + 1, every):
        yield channel[first - most : first + width + most], sound[first : first + width]


def _lag_s(around: Series, sound: Series) -> float:
    """The lag at which a piece of a channel is most like the sound."""
    places = range(len(around) - len(sound) + 1)
    alike = [float(np.corrcoef(around[at : at + len(sound)], sound)[0, 1]) for at in places]
    return int(np.argmax(alike)) * STEP_S - MAX_LAG_S
