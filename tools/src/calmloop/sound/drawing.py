"""Pictures of tracks: what is in them over time, and how they swell."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from calmloop.base.track_audio import LoadedTrack
from calmloop.base.tracks import ENVELOPE_HZ, RATE_HZ
from calmloop.cli.outputs import whole_file
from calmloop.soundscapes.filtering import Wave
from calmloop.soundscapes.mastering import as_float
from calmloop.soundscapes.measures import HOP, SILENCE_LU, integrated, k_energies, levels_lu

WINDOW = 8192
COLUMNS, ROWS = 240, 72
"""Of a spectrogram: few, since noise makes a picture large."""
LOWEST_HZ, HIGHEST_HZ = 30.0, 16_000.0
RANGE_DB = 70.0
SHADES = 16


@dataclass(frozen=True)
class DrawnTrack:
    """What is drawn of a track."""

    title: str
    samples: Wave
    loop: bool
    envelope: Sequence[float]

    @classmethod
    def of(cls, track: LoadedTrack) -> "DrawnTrack":
        """One of the library."""
        known = track.sidecar
        title = f"{known.name}: {known.duration_s:g} s, onset {known.onset_db:.0f} dB"
        return cls(title, as_float(track.samples), known.loop, known.envelope)


def draw(tracks: Sequence[DrawnTrack], path: Path) -> None:
    """Writes a PNG: a spectrogram of each, its level and the envelope of its low band below.

    Raises:
        OutputError: it cannot be written.
    """
    columns = min(len(tracks), 2)
    rows = -(-len(tracks) // columns)
    figure = Figure(figsize=(5.2 * columns, 2.3 * rows), layout="constrained")
    heights = [1.6, 1.0] * rows
    cells = figure.subplots(2 * rows, columns, squeeze=False, height_ratios=heights)
    for place, track in enumerate(tracks):
        row, column = divmod(place, columns)
        _spectrogram(cells[2 * row, column], track)
        _levels(cells[2 * row + 1, column], track)
    for empty in cells[2 * rows - 2 :, 1:] if len(tracks) % columns else ():
        empty[0].axis("off")
    _save(figure, path)


def draw_onset(track: DrawnTrack, onset_db: float, at_s: float, path: Path) -> None:
    """Writes a PNG of a track's level, with the place where it rises fastest.

    Raises:
        OutputError: it cannot be written.
    """
    figure = Figure(figsize=(7.0, 4.2), layout="constrained")
    whole, near = figure.subplots(2, 1)
    for axes in (whole, near):
        _level_line(axes, track)
        axes.axvline(at_s, color="tab:red", linewidth=1.0, linestyle="--")
    near.set_xlim(at_s - 1.0, at_s + 1.0)
    whole.set_title(f"{track.title}: {onset_db:g} dB in 100 ms at {at_s:.2f} s")
    near.set_xlabel("s")
    _save(figure, path)


def spectrogram_db(samples: Wave) -> NDArray[np.float64]:
    """The power by time and third of an octave or finer, shape (ROWS, COLUMNS), 0 is the largest.

    Args:
        samples: Shape (frames, channels), 48 kHz, at least WINDOW frames.
    """
    edges = np.geomspace(LOWEST_HZ, HIGHEST_HZ, ROWS + 1) * WINDOW / RATE_HZ
    firsts = edges[:-1].astype(int)
    widths = np.maximum(np.ceil(edges[1:]).astype(int), firsts + 1) - firsts
    starts = np.linspace(0, len(samples) - WINDOW, 4 * COLUMNS).astype(int)
    window = np.hanning(WINDOW)
    powers = np.empty((ROWS, len(starts)))
    mono = samples.mean(axis=1)
    for column, start in enumerate(starts):
        power = np.abs(np.fft.rfft(mono[start : start + WINDOW] * window)) ** 2
        sums = np.concatenate(([0.0], np.cumsum(power)))
        powers[:, column] = (sums[firsts + widths] - sums[firsts]) / widths
    smooth = powers.reshape(ROWS, COLUMNS, 4).mean(axis=2)
    return np.asarray(10.0 * np.log10(np.maximum(smooth / max(smooth.max(), 1e-30), 1e-12)))


def _spectrogram(axes: Axes, track: DrawnTrack) -> None:
    duration_s = len(track.samples) / RATE_HZ
    octaves = (np.log10(LOWEST_HZ), np.log10(HIGHEST_HZ))
    colours: Any = "magma"
    axes.imshow(
        np.round(spectrogram_db(track.samples) / RANGE_DB * SHADES) * RANGE_DB / SHADES,
        origin="lower",
        aspect="auto",
        extent=(0.0, duration_s, *octaves),
        vmin=-RANGE_DB,
        vmax=0.0,
        cmap=colours,
        interpolation="nearest",
    )
    axes.set_yticks(np.log10([100, 1000, 10_000]), ["100 Hz", "1 kHz", "10 kHz"])
    axes.set_xticks([])
    axes.set_title(track.title, fontsize=9)
    axes.tick_params(labelsize=7)


def _levels(axes: Axes, track: DrawnTrack) -> None:
    _level_line(axes, track)
    beside = axes.twinx()
    beside.plot(
        np.arange(len(track.envelope)) / ENVELOPE_HZ,
        track.envelope,
        color="tab:orange",
        linewidth=0.7,
    )
    beside.set(ylim=(0.0, 1.05), yticks=[])
    axes.set_xlim(0.0, len(track.samples) / RATE_HZ)


def _level_line(axes: Axes, track: DrawnTrack) -> None:
    energies = k_energies(track.samples, loop=track.loop)
    levels = levels_lu(energies, integrated(energies), loop=track.loop)
    axes.plot(np.arange(len(levels)) * HOP / RATE_HZ, levels, color="tab:blue", linewidth=0.5)
    axes.set_ylim(SILENCE_LU - 1.0, 22.0 if levels.max() > 11.0 else 12.0)
    axes.set_yticks([-20, -10, 0, 10], ["−20 LU", "−10", "0", "10"])
    axes.grid(alpha=0.3)
    axes.tick_params(labelsize=7)


def _save(figure: Figure, path: Path) -> None:
    with whole_file(path) as file:
        figure.savefig(file, format="png", dpi=72, pil_kwargs={"optimize": True})
