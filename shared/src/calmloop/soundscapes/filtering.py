"""Filters a whole track with a finite response, block by block, round its loop or from silence."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Wave = NDArray[np.floating]
"""Samples of shape (frames, channels), full scale 1."""
Fir = NDArray[np.float64]
"""An impulse response, or what comes out of it."""

BLOCK = 1 << 16


def filtered(samples: Wave, fir: Fir, *, loop: bool, delay: int = 0) -> Iterator[Fir]:
    """The samples convolved with `fir`, in blocks: of the same number of frames in all.

    Args:
        samples: Shape (frames, channels), any length.
        fir: Impulse response, shape (taps,), taps <= BLOCK / 2.
        loop: What stands before the first frame is the end of the track; else it is silence.
        delay: So many frames of the response are taken as its past: half of a symmetrical one.
    """
    return (out for (out,) in filtered_by_each(samples, [fir], loop=loop, delay=delay))


def filtered_by_each(
    samples: Wave, firs: Sequence[Fir], *, loop: bool, delay: int = 0
) -> Iterator[list[Fir]]:
    """The same by several responses of one length: a block of each at a time."""
    size, past = BLOCK, len(firs[0]) - 1
    step = size - past
    responses = [np.fft.rfft(fir, size)[:, None] for fir in firs]
    for start in range(0, len(samples), step):
        spectrum = np.fft.rfft(_around(samples, start - past + delay, size, loop), axis=0)
        end = past + min(step, len(samples) - start)
        yield [np.fft.irfft(spectrum * response, size, axis=0)[past:end] for response in responses]


def _around(samples: Wave, start: int, count: int, loop: bool) -> Wave:
    if start >= 0 and start + count <= len(samples):
        return samples[start : start + count].astype(np.float64)
    if loop:
        places = np.arange(start, start + count) % len(samples)
        return np.take(samples, places, axis=0).astype(np.float64)
    piece = np.zeros((count, samples.shape[1]))
    first, last = max(start, 0), min(start + count, len(samples))
    if first < last:
        piece[first - start : last - start] = samples[first:last]
    return piece


def impulse_response(b: list[float], a: list[float], taps: int) -> Fir:
    """The first taps of a recursive filter's response, in full precision where it has died out."""
    response = np.zeros(taps)
    for n in range(taps):
        forward = b[n] if n < len(b) else 0.0
        back = sum(a[k] * response[n - k] for k in range(1, min(n, len(a) - 1) + 1))
        response[n] = (forward - back) / a[0]
    return response


def low_pass(cutoff_hz: float, rate_hz: float, taps: int) -> Fir:
    """A symmetrical low-pass: a sinc under a Blackman window, gain 1 at 0 Hz; `taps` is odd."""
    n = np.arange(taps) - (taps - 1) / 2
    fir = np.sinc(2.0 * cutoff_hz / rate_hz * n) * np.blackman(taps)
    return np.asarray(fir / fir.sum())
