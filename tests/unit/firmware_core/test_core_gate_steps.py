"""One step of the gate after another: where it begins, where it lands, and that it stays there."""

from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calmloop.chair_link.messages import State
from tests.unit.firmware_core.binding import CCalibration, CGate, CLight, library
from tests.unit.firmware_core.core import CoreChair
from tests.unit.firmware_core.stored import crc, measured_record, simulated_record, store

FULL = 1_000_000
LIGHT_SLEW = 200
DARK = (0, 0, 0)

levels = st.integers(0, FULL)
lights = st.builds(CLight, levels, levels, levels)


def simulated() -> CCalibration:
    table = CCalibration()
    assert library().calibration_read(table, simulated_record())
    return table


def rgb(light: CLight) -> tuple[int, int, int]:
    return light.red_ppm, light.green_ppm, light.blue_ppm


def test_it_begins_with_everything_off_and_dark_whatever_was_there() -> None:
    gate = CGate(5, 6, 7, CLight(8, 9, 10))
    library().gate_init(gate)
    assert (gate.vibration_ppm, gate.vibration_mhz, gate.sound_ppm) == (0, 30_000, 0)
    assert rgb(gate.light) == DARK


def test_a_cut_leaves_no_vibration_and_no_sound_and_the_light_as_it_is() -> None:
    gate = CGate(FULL, 40_000, FULL, CLight(300, 200, 100))
    library().gate_cut(gate)
    assert (gate.vibration_ppm, gate.vibration_mhz, gate.sound_ppm) == (0, 40_000, 0)
    assert rgb(gate.light) == (300, 200, 100)


@pytest.mark.parametrize("start", [0, FULL])
@pytest.mark.parametrize("elapsed_ms", [1, 7, 13, 200])
def test_levels_and_frequency_land_on_their_targets_and_stay(start: int, elapsed_ms: int) -> None:
    """No target is a whole number of steps away: a step too long would go beyond it."""
    core, table = library(), simulated()
    gate = CGate(start, 80_000 if start else 30_000, start, CLight())
    target = CGate(333_333, 43_217, 654_321, CLight())
    for _ in range(5000 // elapsed_ms + 1):
        core.gate_step(gate, target, table, elapsed_ms)
        for now, aim in (
            (gate.vibration_ppm, target.vibration_ppm),
            (gate.sound_ppm, target.sound_ppm),
        ):
            assert now >= aim if start else now <= aim
    for _ in range(3):
        landed = (gate.vibration_ppm, gate.vibration_mhz, gate.sound_ppm)
        assert landed == (333_333, 43_217, 654_321)
        core.gate_step(gate, target, table, elapsed_ms)


@given(lights, lights, st.integers(0, 20))
@example(CLight(0, 0, 0), CLight(0, 10, 1999), 1)  # green: 2000 / 1999, the least that rounds up
@example(CLight(0, 0, 0), CLight(10, 0, 2001), 1)  # red: 2000 / 2001, the most that rounds down
def test_light_on_its_way_is_rounded_off_red(start: CLight, aim: CLight, elapsed_ms: int) -> None:
    """On the straight line to its target to a millionth; red rounds down, green and blue up."""
    core, table = library(), simulated()
    begin, goal = core.gate_project(start), core.gate_project(aim)
    gate = CGate(0, 40_000, 0, begin)
    core.gate_step(gate, CGate(0, 40_000, 0, aim), table, elapsed_ms)
    longest = max(abs(a - b) for a, b in zip(rgb(begin), rgb(goal), strict=True))
    part = min(Fraction(LIGHT_SLEW * elapsed_ms, max(longest, 1)), Fraction(1))
    exact = [a + part * (b - a) for a, b in zip(rgb(begin), rgb(goal), strict=True)]
    assert rgb(gate.light) == (floor(exact[0]), ceil(exact[1]), ceil(exact[2]))


# --- through the whole chair ----------------------------------------------------------------


def test_the_light_arrives_at_what_a_setpoint_asks_for() -> None:
    chair = CoreChair().active()
    chair.drive(6000, red_permille=301, green_permille=802, blue_permille=603)
    view = chair.view
    assert (view.red_ppm, view.green_ppm, view.blue_ppm) == (301_000, 802_000, 603_000)


@pytest.mark.parametrize(
    ("asked", "driven_ms"),
    [
        ({"vibration_permille": 1000, "sound_permille": 0, "vibration_dhz": 300}, 2143),
        ({"vibration_permille": 0, "sound_permille": 1000}, 1),
    ],
    ids=["vibration", "sound"],
)
def test_the_amplifier_is_enabled_by_a_millionth_and_by_nothing_less(
    asked: dict[str, int], driven_ms: int
) -> None:
    """A chair so strong that the rise is 7 and 1 millionths a millisecond comes by at just one."""
    table = measured_record(at_30hz=20_000, sound_ddba=1200)
    chair = CoreChair(image=store(calibration=table))
    chair.leased = True
    chair.identify(calibration_hash=crc(table))
    chair.run(3500)
    chair.arm()
    chair.run(1)
    levels_seen = set()
    for _ in range(driven_ms):
        chair.setpoint(**asked)
        chair.run(1)
    chair.stop()
    while chair.state() is not State.SAFE:
        view = chair.view
        levels_seen.add(view.vibration_ppm + view.sound_ppm)
        assert view.amplifier_enabled == (view.vibration_ppm + view.sound_ppm > 0)
        chair.run(1)
    assert 1 in levels_seen
    assert not chair.view.amplifier_enabled
