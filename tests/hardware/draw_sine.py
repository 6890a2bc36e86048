"""Draws the vibration at the pin: `python -m tests.hardware.draw_sine FILE.svg`."""

import sys
import tempfile
from pathlib import Path

from calmloop.chair_link.messages import State
from calmloop.emulator import ensure_built
from calmloop.emulator.record import CYCLES_PER_S
from tests.hardware.bench import Bench

WIDTH, HEIGHT, MARGIN, TITLE = 900, 150, 60, 26
SWING = 1024
FULL_PCT = 60
Samples = list[tuple[float, int]]


def record() -> tuple[Samples, float, float]:
    """A session: seconds and values of the sine, and when the amplifier went on and off."""
    with (
        tempfile.TemporaryDirectory(prefix="chair-") as folder,
        Bench(Path(folder), samples=True) as bench,
    ):
        bench.start(until_pct=FULL_PCT)
        bench.stop()
        bench.reach(State.SAFE)
        bench.drive_for(0.2)
        switched = [event.at_s for event in bench.emulator.events() if event.name == "amplifier"]
        lines = bench.emulator.samples.read_text().splitlines()[:-1]
    samples = [(int(at) / CYCLES_PER_S, int(value)) for at, value in map(str.split, lines)]
    return samples, switched[0], switched[-1]


def panel(samples: Samples, begin_s: float, length_s: float, title: str, row: int) -> str:
    """One strip of the drawing: value over time."""
    top = row * (HEIGHT + TITLE + 24) + TITLE
    inner = WIDTH - MARGIN - 10
    shown = [(t, v) for t, v in samples if begin_s <= t < begin_s + length_s]
    every = max(1, len(shown) // 1500)
    points = " ".join(
        f"{MARGIN + inner * (t - begin_s) / length_s:.1f},{top + HEIGHT * (1 - v / SWING):.1f}"
        for t, v in shown[::every]
    )
    ticks = "".join(
        f'<text x="{MARGIN - 6}" y="{top + HEIGHT * (1 - v / SWING) + 4}" '
        f'text-anchor="end">{v}</text>'
        for v in (0, 512, 1023)
    )
    return (
        f'<text x="{MARGIN}" y="{top - 8}">{title}</text>'
        f'<rect x="{MARGIN}" y="{top}" width="{inner}" height="{HEIGHT}"/>'
        f'<polyline points="{points}"/>{ticks}'
        f'<text x="{MARGIN}" y="{top + HEIGHT + 14}">0</text>'
        f'<text x="{WIDTH - 10}" y="{top + HEIGHT + 14}" text-anchor="end">'
        f"{1000 * length_s:.0f} ms</text>"
    )


def drawing(samples: Samples, on_s: float, off_s: float) -> str:
    """The whole SVG."""
    panels = [
        panel(samples, on_s - 0.1, 1.0, "start: 40 Hz, the amplifier goes on after 100 ms", 0),
        panel(samples, off_s - 0.4, 0.1, f"running at {FULL_PCT} %", 1),
        panel(samples, off_s - 0.25, 0.35, "STOP: the amplifier goes off after 250 ms", 2),
    ]
    height = 3 * (HEIGHT + TITLE + 24)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="sans-serif" font-size="12">'
        "<style>svg{background:#fff}rect{fill:none;stroke:#ccc}"
        "polyline{fill:none;stroke:#176;stroke-width:0.8}</style>"
        f"{''.join(panels)}</svg>\n"
    )


if __name__ == "__main__":
    ensure_built()
    Path(sys.argv[1]).write_text(drawing(*record()))
