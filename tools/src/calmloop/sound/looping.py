"""Makes a loop of a sound that was none: finds where to end it, and crossfades over its start."""

from enum import StrEnum

import numpy as np

from calmloop.base.tracks import RATE_HZ
from calmloop.sound.decoding import Decoded
from calmloop.soundscapes.measures import largest_step, seam_step

CROSSFADE_S = 2.0
MIN_LOOP_S = 10.0
"""Of what a loop can be made of: five crossfades."""
SEARCHED_SHARE, SEARCHED_S = 0.25, 20.0
"""How far from its end the loop may end: the smaller of both."""
DB_PER_CORRELATION = 20.0
"""A difference of so many dB counts against a place as much as a correlation of 1 for it."""
ENDS_S = 1.0
FAINT = 1e-4
"""-80 dBFS: what is below at either end is the silence that encoders and cutters leave."""


class LoopMode(StrEnum):
    """What is made of a file: a loop by a crossfade, one as it stands, or none, its ends faded."""

    CROSSFADE = "crossfade"
    AS_IS = "as-is"
    NONE = "none"


def looped(samples: Decoded, mode: LoopMode) -> Decoded:
    """The sound as it is to be played.

    Args:
        samples: Shape (frames, channels), 48 kHz.
        mode: See there.

    Raises:
        ValueError: it is too short for a crossfade, or, as it stands, its seam would be heard.
    """
    if mode is LoopMode.CROSSFADE:
        return crossfaded(trimmed(samples))
    if mode is LoopMode.AS_IS and (step := seam_step(samples)) > (most := largest_step(samples)):
        raise ValueError(
            f"the step from its last sample to its first is {step:.4f} of full scale, above its"
            f" largest other one, {most:.4f}: take --loop crossfade"
        )
    return softened(samples) if mode is LoopMode.NONE else samples


def softened(samples: Decoded) -> Decoded:
    """With both ends faded over ENDS_S, or over a third where it is shorter than three of them."""
    count = min(round(ENDS_S * RATE_HZ), len(samples) // 3)
    rise = (0.5 - 0.5 * np.cos(np.pi * np.arange(count) / count))[:, None].astype(np.float32)
    made = samples.copy()
    made[:count] *= rise
    made[-count:] *= rise[::-1]
    return made


def trimmed(samples: Decoded) -> Decoded:
    """Without the silence at either end; the whole if all is silent."""
    heard = np.flatnonzero(np.abs(samples).max(axis=1) > FAINT)
    return samples[heard[0] : heard[-1] + 1] if len(heard) else samples


def crossfaded(samples: Decoded) -> Decoded:
    """A loop whose end is where the sound is most like its beginning.

    What would have followed that end is faded out over the beginning, so that the last sample
    goes over into the first as it did in the file. The fade keeps the power of two sounds that
    are as much alike as these.

    Raises:
        ValueError: it is shorter than MIN_LOOP_S.
    """
    if len(samples) < MIN_LOOP_S * RATE_HZ:
        raise ValueError(
            f"{len(samples) / RATE_HZ:.1f} s of it can be heard, and a loop is made of"
            f" {MIN_LOOP_S:g} s or more: take --loop none, or --loop as-is if it is one already"
        )
    fade = round(CROSSFADE_S * RATE_HZ)
    end, likeness = loop_end(samples, fade)
    turn = np.linspace(0.0, np.pi / 2.0, fade, endpoint=False)[:, None]
    going, coming = np.cos(turn), np.sin(turn)
    power = np.sqrt(1.0 + 2.0 * max(likeness, 0.0) * going * coming)
    made = samples[:end].copy()
    made[:fade] = (going * samples[end : end + fade] + coming * samples[:fade]) / power
    return made


def loop_end(samples: Decoded, fade: int) -> tuple[int, float]:
    """The frame at which what follows is most like the beginning, and how much, -1..1.

    Args:
        samples: Shape (frames, channels), longer than twice the fade.
        fade: Frames that are compared.
    """
    mono = samples.mean(axis=1).astype(np.float64)
    reach = round(min(SEARCHED_SHARE * len(mono), SEARCHED_S * RATE_HZ))
    first = len(mono) - fade - reach
    head, tail = mono[:fade], mono[first:]
    size = 1 << (len(tail) + fade).bit_length()
    spectrum = np.fft.rfft(tail, size) * np.conj(np.fft.rfft(head, size))
    products = np.fft.irfft(spectrum, size)[: reach + 1]
    sums = np.concatenate(([0.0], np.cumsum(tail**2)))
    energies = np.maximum(sums[fade:] - sums[:-fade], 1e-12)[: reach + 1]
    energy = max(float(head @ head), 1e-12)
    likeness = products / np.sqrt(energies * energy)
    apart_db = np.abs(10.0 * np.log10(energies / energy))
    best = int(np.argmax(likeness - apart_db / DB_PER_CORRELATION))
    return first + best, float(likeness[best])
