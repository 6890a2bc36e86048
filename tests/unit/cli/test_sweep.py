"""The sweep's own logic, on simulated transducers with friction: no port, no chair."""

from collections.abc import Callable

import pytest

from calmloop.chair_link.bounding import SWEEP_HZ
from calmloop.chair_link.calibration import (
    CalibrationTable,
    limit_mm_s2,
    min_drive,
)
from calmloop.chair_link.errors import ImplausibleError
from calmloop.cli.sweep import DriveReading, first_pass, full_mm_s2, missing, points_of, second_pass

Transducer = Callable[[int, float], float]


def with_friction(gain_m_s2: float, friction: float) -> Transducer:
    """Full drive gives `gain`, less what is lost to friction; a resonance of Q 8 at 47 Hz."""

    def give(hz: int, drive: float) -> float:
        ratio = hz / 47
        peak = 1 / abs(1 - ratio**2 + 1j * ratio / 8)
        return gain_m_s2 * peak * max(0.0, drive - friction) + 1e-4

    return give


def measured(transducer: Transducer, hz: int, drive_permille: int) -> DriveReading:
    return DriveReading(hz, drive_permille, transducer(hz, min_drive(drive_permille, 1023)))


def both_passes(
    transducer: Transducer,
) -> tuple[CalibrationTable, CalibrationTable, list[DriveReading]]:
    readings = [measured(transducer, step.hz, step.drive_permille) for step in first_pass()]
    first = CalibrationTable(points_of(readings), 750)
    steps = second_pass(first, {reading.hz: reading for reading in readings})
    step = next(steps, None)
    while step is not None:
        reading = measured(transducer, step.hz, step.drive_permille)
        readings.append(reading)
        try:
            step = steps.send(reading.m_s2)
        except StopIteration:
            break
    return first, CalibrationTable(points_of(readings), 750), readings


@pytest.mark.parametrize("gain", [0.5, 1.0, 1.6])
@pytest.mark.parametrize("friction", [0.0, 0.02, 0.05])
def test_after_both_passes_no_ceiling_gives_more_than_its_limit(
    gain: float, friction: float
) -> None:
    transducer = with_friction(gain, friction)
    _, second, readings = both_passes(transducer)
    for hz in SWEEP_HZ:
        level = second.vibration_ceiling_ppm(1000 * hz) / 1e6
        assert transducer(hz, level) <= limit_mm_s2(1000 * hz) / 1000 + 1e-3
    for reading in readings[len(SWEEP_HZ) :]:
        assert reading.m_s2 <= 1.0


def test_ten_percent_alone_does_not_find_friction() -> None:
    """Why there is a second pass: at 5 % friction the first halves what full drive gives."""
    transducer = with_friction(1.0, 0.05)
    first, second, _ = both_passes(transducer)
    assert second.full_mm_s2(50_000) > 1.5 * first.full_mm_s2(50_000)


def test_the_second_pass_rises_by_a_quarter_at_most_and_never_above_what_the_first_allows() -> None:
    transducer = with_friction(1.6, 0.03)
    first, _, readings = both_passes(transducer)
    drives = {reading.hz: [reading.drive_permille] for reading in readings[:51]}
    for reading in readings[51:]:
        assert reading.drive_permille <= first.vibration_ceiling_ppm(1000 * reading.hz) // 1000
        assert reading.drive_permille <= 1.25 * max(drives[reading.hz]) + 1
        drives[reading.hz].append(reading.drive_permille)


def test_where_friction_could_hide_too_much_the_second_pass_looks_below_before_it_rises() -> None:
    """0.63 m/s2 at 10 % drive, of which 5 % are friction: 12.5 % would give 0.95."""
    _, _, readings = both_passes(with_friction(1.6, 0.05))
    at_47 = [reading for reading in readings if reading.hz == 47]
    assert [reading.drive_permille for reading in at_47] == [100, 80, 120]
    assert at_47[-1].m_s2 <= 0.9


def test_the_first_pass_is_every_hertz_once_at_ten_percent() -> None:
    steps = first_pass()
    assert [step.hz for step in steps] == list(SWEEP_HZ)
    assert {step.drive_permille for step in steps} == {100}


def test_what_is_missing() -> None:
    assert missing([DriveReading(hz, 100, 0.1) for hz in range(31, 80)]) == [30, 80]


@pytest.mark.parametrize("m_s2", [0.0, -0.1, float("nan"), float("inf")])
def test_what_is_no_reading_is_refused(m_s2: float) -> None:
    with pytest.raises(ImplausibleError, match="is no measured value"):
        full_mm_s2([DriveReading(40, 100, m_s2)])


def test_two_drives_that_are_near_each_other_say_nothing_of_friction() -> None:
    near = [DriveReading(40, 500, 0.50), DriveReading(40, 510, 0.53)]
    assert full_mm_s2(near) < 1100
