"""What soundscapes are woven of, each of it periodic: a loop of it has no seam.

Noise is made in the frequency domain, tones have whole cycles, events wrap round the end, and what
moves slowly is drawn at CONTROL_HZ. Products and sums of what is periodic are periodic.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calmloop.base.tracks import RATE_HZ

Array = NDArray[np.float64]
Spectrum = Callable[[Array], Array]
"""Amplitude over frequency in Hz."""

CONTROL_HZ = 1000
SLOW_HZ = (0.05, 0.2)
"""What moves a soundscape: 5 to 20 s, about as slow as breath at rest and slower."""
MIN_RISE_S = 0.05
"""Of any event: what rises faster startles."""


def band(low_hz: float, high_hz: float, *, tilt: float = 0.0, order: float = 2.0) -> Spectrum:
    """A band whose amplitude falls by 6 dB x `order` an octave outside it.

    Args:
        low_hz: Lower corner.
        high_hz: Upper corner.
        tilt: Power falls with frequency to this power: 0 white, 1 pink, 2 brown.
        order: Steepness of both flanks.
    """

    def amplitude(hz: Array) -> Array:
        safe = np.maximum(hz, 1.0)
        flanks = np.hypot(1.0, (low_hz / safe) ** order) * np.hypot(1.0, (safe / high_hz) ** order)
        return np.asarray((safe / low_hz) ** (-tilt / 2.0) / flanks)

    return amplitude


@dataclass(frozen=True)
class Pulse:
    """The shape of an event: a raised cosine up to 1, then an exponential fall.

    Raises:
        ValueError: it rises faster than MIN_RISE_S.
    """

    rise_s: float
    fall_s: float

    def __post_init__(self) -> None:
        if self.rise_s < MIN_RISE_S:
            raise ValueError(f"rise_s = {self.rise_s:g}: an event takes {MIN_RISE_S:g} s at least")

    def at(self, since_s: Array) -> Array:
        """The shape, 0..1, by the time since its summit."""
        rising = 0.5 + 0.5 * np.cos(np.pi * np.clip(since_s / self.rise_s, -1.0, 0.0))
        return np.asarray(rising * np.exp(-np.maximum(since_s, 0.0) / self.fall_s))


class Loom:
    """A loop of whole seconds, and its one source of chance.

    All that it makes is periodic over its length: envelopes of shape (duration_s * CONTROL_HZ,),
    sound of shape (frames, 2).
    """

    def __init__(self, duration_s: int, seed: int) -> None:
        self.duration_s = duration_s
        self.frames = duration_s * RATE_HZ
        self.rng = np.random.default_rng(seed)
        self.times_s: Array = np.arange(duration_s * CONTROL_HZ) / CONTROL_HZ

    def noise(self, spectrum: Spectrum, *, width: float = 0.7) -> Array:
        """Gaussian noise with a spectrum, each channel of mean square 1.

        Args:
            spectrum: Its amplitude over frequency.
            width: 0 is the same in both channels, 1 is independent.
        """
        amplitudes = _amplitudes(spectrum, self.frames, RATE_HZ)
        middle = self._gaussian(amplitudes, self.frames)
        side = self._gaussian(amplitudes, self.frames)
        angle = width * np.pi / 4.0
        middle *= np.cos(angle)
        side *= np.sin(angle)
        sound = np.empty((self.frames, 2))
        np.add(middle, side, out=sound[:, 0])
        np.subtract(middle, side, out=sound[:, 1])
        return sound

    def drift(self, depth: float = 1.0, hz: tuple[float, float] = SLOW_HZ) -> Array:
        """A slow wander of mean 0 and standard deviation `depth`, between two rates."""
        low, high = hz

        def inside(each_hz: Array) -> Array:
            return np.asarray((each_hz >= low) & (each_hz <= high), float)

        count = len(self.times_s)
        return depth * self._gaussian(_amplitudes(inside, count, CONTROL_HZ), count)

    def swing_db(self, depth_db: float, hz: tuple[float, float] = SLOW_HZ) -> Array:
        """A level that wanders by `depth_db` (standard deviation) around 1."""
        return np.asarray(10.0 ** (self.drift(depth_db, hz) / 20.0))

    def events(
        self, pulse: Pulse, times_s: Sequence[float], sizes: Sequence[float] | None = None
    ) -> Array:
        """An envelope with a pulse at each time, its summit there; tails go round the end."""
        total = np.zeros_like(self.times_s)
        for time_s, size in zip(times_s, sizes or [1.0] * len(times_s), strict=True):
            since_s = (self.times_s - time_s + pulse.rise_s) % self.duration_s - pulse.rise_s
            for turns in range(3):
                total += size * pulse.at(since_s + turns * self.duration_s)
        return total

    def times(self, count: int, jitter: float = 0.0) -> list[float]:
        """So many times over the loop, each moved by at most `jitter` of the time between two."""
        gap_s = self.duration_s / count
        moved = self.rng.uniform(-jitter, jitter, count)
        return [float((n + 0.5 + by) * gap_s) for n, by in enumerate(moved)]

    def tones(self, levels: dict[float, float]) -> Array:
        """Sines at the nearest frequencies of whole cycles, their phases by chance.

        Args:
            levels: The amplitude of each by about its frequency in Hz.
        """
        bins = np.zeros((self.frames // 2 + 1, 2), complex)
        for hz, level in levels.items():
            start, apart = self.rng.uniform(0.0, 2.0 * np.pi), self.rng.uniform(0.2, 0.9)
            turned = np.exp(1j * (start + np.array([0.0, apart])))
            bins[round(hz * self.duration_s)] += level * turned * (self.frames / 2)
        return np.asarray(np.fft.irfft(bins, self.frames, axis=0))

    def upsampled(self, envelope: Array) -> Array:
        """An envelope at the rate of the sound, shape (frames, 1)."""
        round_the_end = np.append(envelope, envelope[0])
        places = np.arange(self.frames) * (CONTROL_HZ / RATE_HZ)
        return np.asarray(np.interp(places, np.arange(len(round_the_end)), round_the_end))[:, None]

    def grains(
        self, count: int, hz: tuple[float, float], pulse: Pulse, glide: float = 0.0
    ) -> Array:
        """So many short tones of random times, pitches, sizes and places; mean square 1.

        Args:
            count: How many in the loop.
            hz: From which pitches, evenly over their logarithm.
            pulse: The shape of each; its rise is stretched by up to a half, its fall too.
            glide: By which share of its pitch each rises while it sounds.
        """
        sound = np.zeros((self.frames, 2))
        for _ in range(count):
            stretch = self.rng.uniform(1.0, 1.5)
            rise_s, fall_s = pulse.rise_s * stretch, pulse.fall_s * stretch
            frames = np.arange(-round(rise_s * RATE_HZ), round(7.0 * fall_s * RATE_HZ))
            since_s: Array = frames / float(RATE_HZ)
            pitch_hz = float(np.exp(self.rng.uniform(np.log(hz[0]), np.log(hz[1]))))
            # The glide ends with the fall: its phase is the integral of the pitch.
            bent_s = since_s + glide * fall_s * (1.0 - np.exp(-(since_s + rise_s) / fall_s))
            size = np.exp(self.rng.normal(0.0, 0.5))
            wave = size * Pulse(rise_s, fall_s).at(since_s) * np.sin(2 * np.pi * pitch_hz * bent_s)
            pan = self.rng.uniform(0.2, 0.8) * np.pi / 2.0
            panned = wave[:, None] * np.array([np.cos(pan), np.sin(pan)])
            self._add(sound, np.asarray(panned, np.float64))
        return np.asarray(sound / sound.std())

    def _add(self, sound: Array, piece: Array) -> None:
        start = int(self.rng.integers(self.frames))
        first = min(len(piece), self.frames - start)
        sound[start : start + first] += piece[:first]
        sound[: len(piece) - first] += piece[first:]

    def _gaussian(self, amplitudes: Array, count: int) -> Array:
        shaped = np.empty(len(amplitudes), complex)
        shaped.real = self.rng.standard_normal(len(amplitudes))
        shaped.imag = self.rng.standard_normal(len(amplitudes))
        shaped *= amplitudes
        # No constant part: at 0 Hz there is nothing to hear, and it costs headroom.
        shaped[0] = 0.0
        if not shaped.any():
            raise ValueError(f"a loop of {self.duration_s} s has no such frequency: make it longer")
        wave = np.fft.irfft(shaped, count)
        wave /= wave.std()
        return np.asarray(wave)


def _amplitudes(spectrum: Spectrum, count: int, rate_hz: int) -> Array:
    """A spectrum at the frequencies of so many samples."""
    return spectrum(np.fft.rfftfreq(count, 1.0 / rate_hz).astype(np.float64))
