"""A scenario's three channels as a picture, and as lines of a terminal."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from calmloop.cli.outputs import whole_file
from calmloop.scenarios.gate import Levels
from calmloop.scenarios.timeline import ScenarioTimeline

BARS = " ▁▂▃▄▅▆▇█"
WIDTH = 60


def draw(shown: ScenarioTimeline, intensity_pct: float, path: Path) -> None:
    """Writes a PNG: vibration with its frequency, sound as it swells, the light in its colours.

    Raises:
        OutputError: it cannot be written.
    """
    figure = Figure(figsize=(9.0, 5.0), layout="constrained")
    vibration, sound, light = figure.subplots(3, 1, sharex=True, height_ratios=[3, 3, 1])
    times_min = shown.times_s / 60.0
    vibration.plot(times_min, shown.vibration_pct, color="0.6", linewidth=2.0, label="asked")
    vibration.plot(times_min, shown.given_vibration_pct, color="tab:blue", label="given")
    hertz = vibration.twinx()
    hertz.plot(
        times_min,
        shown.vibration_hz,
        color="tab:green",
        linestyle="--",
        linewidth=0.9,
        label="frequency",
    )
    hertz.set(ylabel="Hz", ylim=(25, 85))
    sound.plot(times_min, shown.sound_pct, color="0.6", linewidth=2.0)
    sound.plot(times_min, shown.given_sound_pct, color="tab:blue")
    sound.fill_between(
        times_min,
        shown.heard_pct,
        color="tab:orange",
        alpha=0.5,
        linewidth=0,
        label="heard of the low band",
    )
    for axes, name in ((vibration, "vibration, %"), (sound, "sound, %")):
        axes.set(ylabel=name, ylim=(0, 100))
        axes.grid(alpha=0.3)
    figure.legend(loc="outside lower center", ncols=4, fontsize=8)
    light.imshow(
        _on_screen(shown.given_light_pct)[None],
        aspect="auto",
        extent=(0.0, times_min[-1], 0.0, 1.0),
    )
    light.set(yticks=[], ylabel="light", xlabel="min")
    at_min = 0.0
    for phase in shown.scenario.phases:
        vibration.annotate(phase.title, (at_min, 92.0), fontsize=8)
        for axes in (vibration, sound):
            axes.axvline(at_min, color="black", linewidth=0.6, linestyle=":")
        at_min += phase.duration_s / 60.0
    figure.suptitle(f"{shown.scenario.title}, at an intensity of {intensity_pct:g} %")
    with whole_file(path) as file:
        figure.savefig(file, format="png", dpi=80)


def lines(shown: ScenarioTimeline) -> list[str]:
    """The channels in a terminal, WIDTH characters from beginning to end, full bars 100 %."""
    brightness = shown.given_light_pct.max(axis=1)
    return [
        f"vibration {_bars(shown.given_vibration_pct)}",
        f"frequency {shown.vibration_hz.min():.0f} to {shown.vibration_hz.max():.0f} Hz",
        f"sound     {_bars(shown.given_sound_pct)}",
        f"heard     {_bars(shown.heard_pct)}",
        f"light     {_bars(brightness)}",
    ]


def _bars(levels_pct: Levels) -> str:
    means = [piece.mean() for piece in np.array_split(levels_pct, WIDTH)]
    return "".join(BARS[round(mean / 100.0 * (len(BARS) - 1))] for mean in means)


def _on_screen(linear_pct: Levels) -> Levels:
    """Linear RGB in percent as the sRGB of a screen, as bright as full scale allows (IEC 61966)."""
    linear = linear_pct / max(float(linear_pct.max()), 1e-9)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
