"""What a session puts out: the sine, the light's envelope, and what it costs the chip."""

import math
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import cycle, islice, pairwise
from pathlib import Path

import pytest

from calmloop.chair_link.messages import State
from calmloop.emulator import EmulatorMetrics, Given
from calmloop.emulator.record import CYCLES_PER_S
from tests.hardware.bench import DRIVE, REST, Bench
from tests.hardware.measured import at_least, within

MIDDLE = 512
FULL_AMPLITUDE = 511
SAMPLE_CYCLES = 1024
SAMPLES_PER_S = CYCLES_PER_S / SAMPLE_CYCLES
FREQUENCIES_HZ = (30, 40, 80)
GLIDE_HZ_PER_S = 20
HOLD_S = 1.0
FALL_STEP = FULL_AMPLITUDE * 5 / 200
"""From full to zero takes 200 ms, and no turn is longer than 5 ms."""

RED_RATIO = 0.43
SLEW_PCT_PER_S = 20.0
LEVEL_PCT = 100 / 256
FLASH_PCT = 10.0
"""A flash is a pair of opposing changes of relative luminance of 10 % or more (WCAG 2.3.1)."""

WHITE, RED, CYAN, DARK = (1000, 1000, 1000), (1000, 0, 0), (0, 1000, 1000), (0, 0, 0)
MINUTE_S = 60
SETPOINTS_PER_S = 600
"""Of 30 bytes: four fifths of what the emulated line carries. A queue would delay the leases."""
COLOURS = [*[WHITE] * 15, *[RED] * 10, *[WHITE, DARK, RED, CYAN] * 3]
"""One each 0.1 s, over and over: a rise, then nothing but red, then as fast as they come."""


@dataclass(frozen=True)
class Recording:
    """A session of all three frequencies, its colours changing in full steps."""

    samples: list[tuple[int, int]]
    given: list[Given]
    metrics: EmulatorMetrics
    held: dict[int, tuple[int, int]]
    """First and last cycle at which each frequency was steady."""
    faulty_frames: int


def record(bench: Bench) -> Recording:
    """Runs the session."""
    held = {}
    colours = cycle(COLOURS)
    bench.arm()
    bench.emulator.command("figures clear")
    before_hz = FREQUENCIES_HZ[0]
    for frequency_hz in FREQUENCIES_HZ:
        glide_s = (frequency_hz - before_hz) / GLIDE_HZ_PER_S
        alternate(bench, frequency_hz, colours, glide_s + 0.2)
        begun = bench.cycle()
        alternate(bench, frequency_hz, colours, HOLD_S)
        held[frequency_hz] = (begun, bench.cycle())
        before_hz = frequency_hz
    bench.stop()
    bench.rest_after(bench.cycle())
    bench.reach(State.SAFE)
    lines = bench.emulator.samples.read_text().splitlines()[:-1]
    samples = [(int(at), int(value)) for at, value in map(str.split, lines)]
    faulty_frames = bench.link.metrics.bad + bench.link.metrics.lost
    return Recording(samples, list(bench.given), bench.emulator.metrics(), held, faulty_frames)


def alternate(
    bench: Bench, frequency_hz: int, colours: Iterator[tuple[int, int, int]], emulated_s: float
) -> None:
    """Sends full steps of colour, ten a second, for a while."""
    for red, green, blue in islice(colours, round(10 * emulated_s)):
        bench.setpoint = replace(
            DRIVE,
            vibration_dhz=10 * frequency_hz,
            red_permille=red,
            green_permille=green,
            blue_permille=blue,
        )
        bench.drive_for(0.1)


@pytest.fixture(scope="module")
def recording(_built: None) -> Iterator[Recording]:
    with (
        tempfile.TemporaryDirectory(prefix="chair-") as folder,
        Bench(Path(folder), samples=True) as bench,
    ):
        yield record(bench)


def steady(recording: Recording, frequency_hz: int) -> list[tuple[int, int]]:
    """The samples while a frequency was held."""
    begun, ended = recording.held[frequency_hz]
    return [sample for sample in recording.samples if begun <= sample[0] < ended]


def rising_s(samples: list[tuple[int, int]]) -> list[float]:
    """When the sine crosses the middle upwards, between samples."""
    return [
        (at + SAMPLE_CYCLES * (MIDDLE - low) / (high - low)) / CYCLES_PER_S
        for (at, low), (_, high) in pairwise(samples)
        if low < MIDDLE <= high
    ]


@pytest.mark.parametrize("frequency_hz", FREQUENCIES_HZ)
def test_the_sine_has_the_frequency_that_was_asked_for(
    recording: Recording, frequency_hz: int
) -> None:
    crossings_s = rising_s(steady(recording, frequency_hz))
    measured_hz = (len(crossings_s) - 1) / (crossings_s[-1] - crossings_s[0])
    error_pct = 100 * abs(measured_hz / frequency_hz - 1)
    within(f"error of {frequency_hz} Hz", error_pct, 0.5, "%")


def test_the_sine_starts_changes_and_stops_without_a_click(recording: Recording) -> None:
    running = [value for _, value in recording.samples]
    steepest = math.tau * FREQUENCIES_HZ[-1] / SAMPLES_PER_S * FULL_AMPLITUDE
    largest = max(abs(b - a) for a, b in pairwise(running[1:]))
    within("largest step of the sine", largest, steepest + FALL_STEP, "of 1024")
    first = next(i for i, value in enumerate(running) if value != MIDDLE)
    within("first step when vibration starts", abs(running[first] - MIDDLE), 1, "of 1024")
    assert running[-1] == MIDDLE
    last = max(i for i, value in enumerate(running) if value != MIDDLE)
    within("last step when vibration stops", abs(running[last] - MIDDLE), FALL_STEP, "of 1024")


def test_the_light_keeps_its_envelope(recording: Recording) -> None:
    assert max(given.red_pct for given in recording.given) > 10
    check_envelope(recording.given, "short")


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_the_light_keeps_its_envelope_for_a_minute_at_full_speed(bench: Bench) -> None:
    bench.arm()
    for colours in (
        [WHITE] * 60 + [DARK] * 60,
        [WHITE, RED, CYAN, DARK],
        [WHITE] * 50 + [RED] * 50,
    ):
        flood(bench, colours, MINUTE_S / 3)
    assert max(given.red_pct for given in bench.given) > 99
    check_envelope(bench.given, "a minute at full speed")
    assert bench.last is not None
    assert bench.last.state is State.ACTIVE
    within("bad frames at the chair", bench.last.bad_frames, 0, "")


def flood(bench: Bench, colours: list[tuple[int, int, int]], emulated_s: float) -> None:
    """Setpoints as fast as the line takes them, the colour changing ten times a second."""
    begun_s = bench.line.now_s()
    sent = 0
    while (elapsed_s := bench.line.now_s() - begun_s) < emulated_s:
        red, green, blue = colours[int(10 * elapsed_s) % len(colours)]
        step = replace(REST, red_permille=red, green_permille=green, blue_permille=blue)
        while sent < elapsed_s * SETPOINTS_PER_S:
            bench.send(step)
            sent += 1
        bench.serve()


def check_envelope(given: list[Given], what: str) -> None:
    """Red ratio, slew and flashes of all that was given."""
    spare = [g.green_pct + g.blue_pct - RED_RATIO * g.red_pct for g in given if g.lit]
    at_least(f"least of green + blue - 0.43 red, {what}", min(spare), 0, "%")
    # A level is seen in 256ths, and a turn takes 2 ms.
    within(f"light beyond 20 %/s, {what}", beyond_slew_pct(given), LEVEL_PCT + 0.2, "%")
    within(f"flashes in any second, {what}", most_flashes(given), 1, "")


def beyond_slew_pct(given: list[Given]) -> float:
    """By how much any channel changed more than its slew allows, within any half second."""
    worst = 0.0
    for colour in ("red_pct", "green_pct", "blue_pct"):
        curve = [(g.cycle / CYCLES_PER_S, getattr(g, colour)) for g in given if g.state != "OFF"]
        start = 0
        for end, (now_s, now_pct) in enumerate(curve):
            while now_s - curve[start][0] > 0.5:
                start += 1
            for then_s, then_pct in curve[start:end]:
                allowed_pct = SLEW_PCT_PER_S * (now_s - then_s)
                worst = max(worst, abs(now_pct - then_pct) - allowed_pct)
    return worst


def most_flashes(given: list[Given]) -> int:
    """Pairs of opposing changes of luminance in the worst second."""
    turns = turning_points([(g.cycle / CYCLES_PER_S, luminance_pct(g)) for g in given])
    return max(
        (sum(1 for at_s in turns if 0 <= at_s - then_s < 1) // 2 for then_s in turns), default=0
    )


def luminance_pct(given: Given) -> float:
    """Relative luminance of linear sRGB primaries (WCAG 2)."""
    return 0.2126 * given.red_pct + 0.7152 * given.green_pct + 0.0722 * given.blue_pct


def turning_points(curve: list[tuple[float, float]]) -> list[float]:
    """When the curve turned, counting only turns between changes of FLASH_PCT or more."""
    turns = []
    extreme = curve[0][1]
    rising = True
    for at_s, value in curve:
        if (value > extreme) == rising and value != extreme:
            extreme = value
        elif abs(value - extreme) >= FLASH_PCT:
            turns.append(at_s)
            rising = not rising
            extreme = value
    return turns


def test_a_session_stays_within_the_chip_s_budgets(recording: Recording) -> None:
    metrics = recording.metrics
    within("tick interrupt", metrics.tick_cycles, 150, "cycles")
    within("receive interrupt", metrics.receive_cycles, 150, "cycles")
    within("send interrupt", metrics.send_cycles, 150, "cycles")
    within("longest time between two feeds of the watchdog", metrics.longest_feed_ms, 5)
    at_least("stack never touched", metrics.stack_free_bytes, 512, "bytes")
    within("CPU load", metrics.load_pct, 80, "%")
    assert recording.faulty_frames == 0
