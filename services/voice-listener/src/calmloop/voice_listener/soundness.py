"""Tells a microphone's sound from what only passes for it: stuck, dead, cut off, no numbers.

A microphone's own noise makes each piece of sound unlike any other, in a silent room, too.
"""

from dataclasses import dataclass

import numpy as np

from calmloop.contract.messages.voice import VoiceCondition
from calmloop.voice_listener.spectrum import Samples

FULL_SCALE = 0.999
MAX_CLIPPED = 0.2
"""Share of samples at full scale from which nothing can be said of the sound any more."""
SAMPLE = 64
"""So many samples in a row that come again are looked at closely."""
MAX_LOOP = 4000
"""Samples of the longest repetition within a block."""


@dataclass(frozen=True)
class SoundFault:
    """Why a block is not to be read."""

    condition: VoiceCondition
    reason: str


class Soundness:
    """Compares each block with itself and with the one before; remembers that one alone."""

    def __init__(self, *, live: bool) -> None:
        self._live = live
        self._before: Samples | None = None

    def fault(self, block: Samples) -> SoundFault | None:
        """What is wrong with the block; None where it can be read."""
        before, self._before = self._before, block
        if not np.isfinite(block).all():
            return SoundFault(
                VoiceCondition.UNUSABLE,
                "the sound holds values that are no numbers: restart the sound server, or take"
                " another microphone",
            )
        if (block == block[0]).all():
            return SoundFault(
                VoiceCondition.DEAD,
                f"every sample is {block[0]:.3f}: unmute the microphone, check its cable",
            )
        if clipped_share(block) > MAX_CLIPPED:
            return SoundFault(
                VoiceCondition.UNUSABLE,
                f"{100 * clipped_share(block):.0f} % of the samples are at full scale, over"
                f" {100 * MAX_CLIPPED:.0f} %: turn the microphone's gain down",
            )
        if self._live and (is_looped(block) or _is_same(block, before)):
            return SoundFault(
                VoiceCondition.FROZEN,
                "the same piece of sound comes over and over: unplug the microphone, or restart"
                " the sound server",
            )
        return None

    def forget(self) -> None:
        """Drops the sound that it holds."""
        self._before = None


def clipped_share(block: Samples) -> float:
    """Share of the samples at full scale, 0 to 1."""
    return float(np.mean(np.abs(block) >= FULL_SCALE))


def is_looped(block: Samples) -> bool:
    """Whether the block repeats one piece of MAX_LOOP samples at most, exactly."""
    windows = np.lib.stride_tricks.sliding_window_view(block[1 : MAX_LOOP + SAMPLE], SAMPLE)
    lags = 1 + np.flatnonzero((windows == block[:SAMPLE]).all(axis=1))
    return any(np.array_equal(block[lag:], block[:-lag]) for lag in lags[:8])


def _is_same(block: Samples, before: Samples | None) -> bool:
    return before is not None and np.array_equal(block, before)
