"""What is felt is bounded at every frequency, for any transducer that a sweep could meet."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import ceil, hypot

import numpy as np
import pytest
from numpy.typing import NDArray

from calmloop.chair_link.bounding import MAX_QUALITY, SWEEP_HZ, bounding_points
from calmloop.chair_link.calibration import CalibrationTable, limit_mm_s2
from calmloop.chair_link.errors import ImplausibleError
from tests.unit.firmware_core.binding import CCalibration, CGate, CLight, library
from tests.unit.firmware_core.core import CoreChair
from tests.unit.firmware_core.stored import record_of, store

FULL_PPM = 1_000_000
FINE_MHZ = range(30_000, 80_001, 100)
FINE_HZ = np.array(FINE_MHZ) / 1000
SEEDS = range(40)
Curve = Callable[[float], float]
Curves = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def table_of(points: list[tuple[int, int]]) -> CCalibration:
    table = CCalibration()
    assert library().calibration_read(table, record_of(points, 750))
    return table


LIMITS = np.interp(FINE_HZ, [30, 40], [730, 1000])


def ceilings(table: CCalibration) -> NDArray[np.float64]:
    """The level that a table allows at each of FINE_MHZ, as a share of full drive."""
    ppm = library().calibration_vibration_ppm
    return np.array([ppm(table, mhz) for mhz in FINE_MHZ]) / FULL_PPM


def felt(table: CCalibration, full: Curves) -> NDArray[np.float64]:
    """Acceleration at the ceiling over the limit, at each of FINE_MHZ."""
    return full(FINE_HZ) * ceilings(table) / LIMITS


def limit(mhz: int) -> float:
    """The acceleration limit: 0.73 m/s2 at 30 Hz, 1.0 from 40 Hz up, on a line between."""
    return min(1000.0, 730 + 270 * (mhz - 30_000) / 10_000)


def wk(hz: float) -> float:
    """The weighting Wk of ISO 2631-1, annex A, as a gain."""
    s = 2j * np.pi * hz
    f1, f2, f3, q4, f5, f6, q56 = (0.4, 100.0, 12.5, 0.63, 2.37, 3.35, 0.91)
    w1, w2, w3, w5, w6 = (2 * np.pi * f for f in (f1, f2, f3, f5, f6))
    low = 1 / (1 + np.sqrt(2) * w1 / s + (w1 / s) ** 2)
    high = 1 / (1 + np.sqrt(2) * s / w2 + (s / w2) ** 2)
    transition = (1 + s / w3) / (1 + s / (q4 * w3) + (s / w3) ** 2)
    step = (1 + s / (q56 * w5) + (s / w5) ** 2) / (1 + s / (q56 * w6) + (s / w6) ** 2)
    return float(abs(low * high * transition * step * (w5 / w6) ** 2))


@dataclass(frozen=True)
class Transducer:
    """First order, times or plus one to three resonances: full drive in mm/s2 by frequency."""

    corner_hz: float
    resonances: tuple[tuple[float, float, float], ...]
    """(Hz, Q, strength)"""
    adds: bool
    scale: float = 1.0

    def __call__(self, hz: float) -> float:
        return float(self.over(np.array(hz)))

    def over(self, hz: NDArray[np.float64]) -> NDArray[np.float64]:
        """At each of these frequencies."""
        response = 1 / (1 + 1j * hz / self.corner_hz)
        for at_hz, quality, strength in self.resonances:
            ratio = hz / at_hz
            peak = 1 / (1 - ratio**2 + 1j * ratio / quality)
            response = response + strength * peak if self.adds else response * peak
        return np.asarray(self.scale * np.abs(response))


@cache
def drawn(seed: int) -> Transducer:
    """Resonances anywhere in the band, of a Q up to the stated bound, 2 Hz apart or more."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 4))
    at_hz = np.sort(rng.uniform(29, 81, count))
    while count > 1 and np.diff(at_hz).min() < 2:
        at_hz = np.sort(rng.uniform(29, 81, count))
    quality = rng.uniform(1, MAX_QUALITY, count) if seed % 2 else np.full(count, MAX_QUALITY)
    strength = np.exp(rng.uniform(-3, 1, count)) * rng.choice([-1, 1], count)
    plain = Transducer(
        float(rng.uniform(20, 200)),
        tuple(map(tuple, np.c_[at_hz, quality, strength])),
        bool(rng.integers(0, 2)),
    )
    strongest = plain.over(np.arange(30, 80.01, 0.05)).max()
    weakest = plain.over(np.array(SWEEP_HZ)).min()
    return Transducer(
        plain.corner_hz,
        plain.resonances,
        plain.adds,
        float(min(14_000 / strongest, max(np.exp(rng.uniform(6, 9)) / strongest, 51 / weakest))),
    )


def bounded(transducer: Curve) -> CCalibration:
    """The table that a sweep of it comes to."""
    return table_of(list(bounding_points({hz: ceil(transducer(hz)) for hz in SWEEP_HZ})))


@cache
def bounded_draw(seed: int) -> CCalibration:
    return bounded(drawn(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_no_drawn_transducer_gives_more_than_the_limit_anywhere(seed: int) -> None:
    transducer = drawn(seed)
    shares = felt(bounded_draw(seed), transducer.over)
    assert shares.max() <= 1, f"{FINE_HZ[shares.argmax()]} Hz: {transducer}"


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_none_of_two_thousand_drawn_transducers_does() -> None:
    for seed in range(1000, 3000):
        test_no_drawn_transducer_gives_more_than_the_limit_anywhere(seed)


@pytest.mark.parametrize("seed", SEEDS[:6])
def test_the_bound_holds_while_the_frequency_glides(seed: int) -> None:
    """From 30 to 80 Hz and back at full drive, 2 ms a turn, as the chip has it: 20 Hz/s."""
    core, transducer, table = library(), drawn(seed), bounded_draw(seed)
    gate = CGate(0, 30_000, 0, CLight())
    for aim in (30_000, 80_000, 30_000):
        for turn in range(2600):
            core.gate_step(gate, CGate(FULL_PPM, aim, 0, CLight()), table, 2)
            if turn % 5 == 0:
                level = core.gate_round_down(gate.vibration_ppm, 1023) / 1023
                mhz = gate.vibration_mhz
                assert transducer(mhz / 1000) * level <= limit(mhz)
        assert gate.vibration_mhz == aim


@pytest.mark.parametrize("quality", [2, 8, MAX_QUALITY])
@pytest.mark.parametrize("at_hz", np.arange(30.25, 80, 3.5))
def test_a_resonance_halfway_between_two_steps_is_bounded(at_hz: float, quality: float) -> None:
    transducer = Transducer(50, ((float(at_hz), quality, 1.0),), adds=False, scale=500)
    assert felt(bounded(transducer), transducer.over).max() <= 1


def test_the_bound_is_not_bought_with_all_of_the_level() -> None:
    """The points cost no more than half on average: a chair has to be felt."""
    shares = []
    for seed in SEEDS:
        table = bounded_draw(seed)
        shares += [*felt(table, drawn(seed).over)[ceilings(table) < 1]]
    assert np.mean(shares) > 0.7


# --- the numbers in between -----------------------------------------------------------------

PEAKED = [(30, 730), (40, 1000), (50, 4000), (60, 1000), (70, 1000), (80, 1000)]
"""Interpolated as ceilings it gave 1.56 times the limit at 55 Hz."""
EXTREME = [(30, 50), (40, 20_000), (50, 50), (60, 20_000), (70, 50), (80, 20_000)]


@pytest.mark.parametrize("points", [PEAKED, EXTREME], ids=["peaked", "extreme"])
def test_between_two_points_acceleration_is_what_goes_straight(
    points: list[tuple[int, int]],
) -> None:
    table = table_of(points)
    hz, mm_s2 = zip(*points, strict=True)
    worst = felt(table, lambda at: np.interp(at, hz, mm_s2)).max()
    assert 0.99 < worst < 1 + 1e-9


@pytest.mark.parametrize("points", [PEAKED, EXTREME], ids=["peaked", "extreme"])
def test_the_host_knows_the_chairs_ceilings_to_a_millionth(points: list[tuple[int, int]]) -> None:
    table, calibration = table_of(points), CalibrationTable(tuple(points), 750)
    hz, mm_s2 = zip(*points, strict=True)
    for mhz in range(30_000, 80_001, 37):
        full = library().calibration_full_mm_s2(table, mhz)
        assert full == calibration.full_mm_s2(mhz)
        exact = np.interp(mhz / 1000, hz, mm_s2)
        assert full - 1 < exact + 1e-6
        assert exact - 1e-6 <= full
        ppm = library().calibration_vibration_ppm(table, mhz)
        assert ppm == calibration.vibration_ceiling_ppm(mhz)
        assert ppm == min(FULL_PPM, int(FULL_PPM * int(limit(mhz)) // full))


def test_acceleration_between_two_points_is_rounded_up_however_little_is_left_over() -> None:
    table = table_of([(30, 730), (40, 1000), (50, 1001), (80, 1001)])
    assert library().calibration_full_mm_s2(table, 40_000) == 1000
    assert library().calibration_full_mm_s2(table, 40_001) == 1001


def test_the_limit_below_forty_hertz_lies_below_what_is_felt_alike() -> None:
    """Wk tells how much more the body feels; the straight line lies a little below its inverse."""
    for mhz in range(30_000, 40_001, 100):
        alike = 1000 * wk(40) / wk(mhz / 1000)
        assert 0.985 * alike <= limit_mm_s2(mhz) <= alike
        assert limit_mm_s2(mhz) == int(limit(mhz))
    assert limit_mm_s2(80_000) == limit_mm_s2(40_000) == 1000


def test_identity_says_the_ceiling_at_forty_hertz_where_the_limit_is_defined() -> None:
    """Full drive gives twice the limit there, and more than twice a thousandth of a hertz away."""
    image = store(calibration=record_of([(30, 1460), (40, 2000), (80, 20_000)], 750))
    chair = CoreChair(image=image)
    chair.identify()
    chair.run(1)
    assert chair.identities[-1].vibration_ceiling_permille == 500


def test_what_is_computed_once_is_what_is_computed_anew() -> None:
    table, core = table_of(PEAKED), library()
    for mhz in (30_000, 30_000, 55_000, 54_999, 80_000, 30_000):
        assert core.calibration_follow_ppm(table, mhz) == core.calibration_vibration_ppm(table, mhz)


def test_a_curve_too_strong_for_any_table_is_refused() -> None:
    with pytest.raises(
        ImplausibleError, match=r"up to 20.7 m/s² at 44 Hz.*Turn the amplifier's gain"
    ):
        bounding_points({hz: 18_300 if hz == 45 else 1000 for hz in SWEEP_HZ})


def test_the_margin_is_what_a_resonance_can_hide() -> None:
    """Halfway between two steps, at the highest Q and the lowest frequency."""
    hidden = hypot(1, MAX_QUALITY / 30.5)
    peak = Transducer(1e9, ((30.5, MAX_QUALITY, 1.0),), adds=False)
    assert peak(30.5) / max(peak(30), peak(31)) == pytest.approx(hidden, rel=0.02)
