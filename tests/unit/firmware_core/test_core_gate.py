"""The gate: nothing passes above its cap, faster than its slew, or redder than it may be."""

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calmloop.chair_link.messages import State
from tests.unit.firmware_core.binding import CCalibration, CGate, CLight, library
from tests.unit.firmware_core.core import CoreChair
from tests.unit.firmware_core.stored import record_of, simulated_record, store

FULL = 1_000_000
LIGHT_SLEW = 200
RISE_MS, FALL_MS = 5000, 200
FULL_PPM = 1_000_000
RED_RATIO = Fraction(43, 100)

levels = st.integers(0, FULL)
lights = st.builds(CLight, levels, levels, levels)
frequencies = st.integers(30_000, 80_000)
targets = st.builds(CGate, levels, frequencies, levels, lights)
accelerations = st.lists(st.integers(50, 20_000), min_size=6, max_size=6)


def record(accelerations_mm_s2: list[int], sound_ddba: int) -> bytes:
    return record_of(list(zip(range(30, 81, 10), accelerations_mm_s2, strict=True)), sound_ddba)


records = st.builds(record, accelerations, st.integers(400, 1200))


def calibration(data: bytes) -> CCalibration:
    read = CCalibration()
    assert library().calibration_read(read, data)
    return read


def rgb(light: CLight) -> tuple[int, int, int]:
    return light.red_ppm, light.green_ppm, light.blue_ppm


def is_calm(light: CLight) -> bool:
    red, green, blue = rgb(light)
    return green + blue >= RED_RATIO * red


@given(lights)
def test_projection_only_lowers_red_and_no_more_than_it_must(light: CLight) -> None:
    projected = library().gate_project(light)
    assert is_calm(projected)
    assert (projected.green_ppm, projected.blue_ppm) == (light.green_ppm, light.blue_ppm)
    assert projected.red_ppm <= light.red_ppm
    if projected.red_ppm < light.red_ppm:
        redder = CLight(projected.red_ppm + 1, light.green_ppm, light.blue_ppm)
        assert not is_calm(redder)


@pytest.mark.parametrize("above", [FULL_PPM + 1, 2 * FULL_PPM])
@pytest.mark.parametrize("channel", ["red_ppm", "green_ppm", "blue_ppm"])
def test_projection_brings_light_beyond_full_to_full(channel: str, above: int) -> None:
    light = CLight(FULL_PPM, FULL_PPM, FULL_PPM)
    setattr(light, channel, above)
    assert rgb(library().gate_project(light)) == (FULL_PPM, FULL_PPM, FULL_PPM)


@given(st.lists(st.tuples(targets, st.integers(0, 400)), max_size=40), records)
def test_invariants_hold_whatever_is_asked(steps: list[tuple[CGate, int]], data: bytes) -> None:
    core, table, gate = library(), calibration(data), CGate()
    core.gate_init(gate)
    for target, elapsed_ms in steps:
        before = CGate.from_buffer_copy(gate)
        core.gate_step(gate, target, table, elapsed_ms)
        ceiling = core.calibration_vibration_ppm(table, gate.vibration_mhz)
        assert gate.vibration_ppm <= ceiling <= FULL
        assert gate.sound_ppm <= core.calibration_sound_ppm(table) <= FULL
        assert gate.vibration_ppm - before.vibration_ppm <= ceiling * elapsed_ms / RISE_MS
        assert gate.sound_ppm - before.sound_ppm <= FULL * elapsed_ms / RISE_MS
        assert is_calm(gate.light)
        for was, now in zip(rgb(before.light), rgb(gate.light), strict=True):
            assert abs(now - was) <= LIGHT_SLEW * min(elapsed_ms, 20)
        if before.vibration_ppm > 0:
            assert abs(gate.vibration_mhz - before.vibration_mhz) <= 20 * elapsed_ms


@given(lights, lights)
def test_light_goes_straight_and_arrives(start: CLight, target: CLight) -> None:
    core, gate, table = library(), CGate(), calibration(simulated_record())
    core.gate_init(gate)
    gate.light = core.gate_project(start)
    gate.vibration_mhz = 40_000
    goal = core.gate_project(target)
    begin = rgb(gate.light)
    longest = max(abs(a - b) for a, b in zip(begin, rgb(goal), strict=True))
    steps = -(-longest // (LIGHT_SLEW * 20))
    wanted = CGate(0, 40_000, 0, target)
    for step in range(1, steps + 1):
        core.gate_step(gate, wanted, table, 20)
        part = min(Fraction(step * LIGHT_SLEW * 20, longest), Fraction(1))
        for first, last, now in zip(begin, rgb(goal), rgb(gate.light), strict=True):
            assert abs(first + part * (last - first) - now) <= step
    assert rgb(gate.light) == rgb(goal)


@pytest.mark.parametrize("ceiling_permille", [100, 500, 1000])
def test_zero_to_the_ceiling_takes_five_seconds(ceiling_permille: int) -> None:
    strong = [730 * 1000 // ceiling_permille] + [1_000_000 // ceiling_permille] * 5
    core, gate, table = library(), CGate(), calibration(record(strong, 750))
    core.gate_init(gate)
    target = CGate(FULL, 40_000, 0, CLight())
    for _ in range(RISE_MS - 5):
        core.gate_step(gate, target, table, 1)
    assert gate.vibration_ppm < ceiling_permille * 1000
    for _ in range(10):
        core.gate_step(gate, target, table, 1)
    assert gate.vibration_ppm == ceiling_permille * 1000


def test_full_to_zero_takes_200_milliseconds() -> None:
    core, table = library(), calibration(simulated_record())
    gate, rest = CGate(FULL, 40_000, FULL, CLight()), CGate(0, 40_000, 0, CLight())
    for _ in range(FALL_MS - 1):
        core.gate_step(gate, rest, table, 1)
    assert gate.vibration_ppm > 0
    core.gate_step(gate, rest, table, 1)
    assert (gate.vibration_ppm, gate.sound_ppm) == (0, 0)


def test_a_silent_vibration_jumps_to_its_frequency_and_a_running_one_glides() -> None:
    core, gate, table = library(), CGate(), calibration(simulated_record())
    core.gate_init(gate)
    core.gate_step(gate, CGate(FULL, 80_000, 0, CLight()), table, 1)
    assert gate.vibration_mhz == 80_000
    core.gate_step(gate, CGate(FULL, 30_000, 0, CLight()), table, 100)
    assert gate.vibration_mhz == 78_000


def test_a_falling_ceiling_pushes_the_level_down_with_it() -> None:
    """Strong at 30 Hz: while the frequency glides there, the level follows the ceiling."""
    core = library()
    table = calibration(record([7300, 1000, 1000, 1000, 1000, 1000], 750))
    gate, target = CGate(FULL, 40_000, 0, CLight()), CGate(FULL, 30_000, 0, CLight())
    while gate.vibration_mhz > 30_000:
        core.gate_step(gate, target, table, 1)
        assert gate.vibration_ppm == core.calibration_vibration_ppm(table, gate.vibration_mhz)
    assert gate.vibration_ppm == 100_000


@given(records)
def test_the_loudest_sound_keeps_its_limit(data: bytes) -> None:
    full_dba = int.from_bytes(data[2:4], "little") / 10
    loudest = library().calibration_sound_ppm(calibration(data)) / FULL
    assert loudest == 1 or loudest <= 10 ** ((75.0 - full_dba) / 20)


@pytest.mark.parametrize("above_db", range(46))
def test_each_attenuation_is_the_whole_per_mille_below_its_decibels(above_db: int) -> None:
    """Neither louder than allowed, nor quieter than it has to be."""
    table = calibration(record([1000] * 6, 750 + 10 * above_db))
    assert library().calibration_sound_ppm(table) == 1000 * int(1000 * 10 ** (-above_db / 20))


@given(levels, st.sampled_from([255, 1000, 1023]))
@example(257_087, 1023)  # one millionth of a step above a step
def test_rounding_shows_zero_only_for_zero_and_red_never_more(level: int, full_scale: int) -> None:
    core = library()
    up, down = core.gate_round_up(level, full_scale), core.gate_round_down(level, full_scale)
    assert down <= Fraction(level * full_scale, FULL) <= up <= full_scale
    assert up - down <= 1
    assert (up == 0) == (level == 0)


# --- through the whole chair ----------------------------------------------------------------

FIELDS = {
    "tag": (1, 65535),
    "vibration_dhz": (300, 800),
    "vibration_permille": (0, 1000),
    "sound_permille": (0, 1000),
    "red_permille": (0, 1000),
    "green_permille": (0, 1000),
    "blue_permille": (0, 1000),
    "ttl_ms": (1, 65535),
}
AROUND = [
    pytest.param(field, limit + offset, low, high, id=f"{field}-{limit + offset}")
    for field, (low, high) in FIELDS.items()
    for limit in (low, high)
    for offset in range(-5, 6)
    if 0 <= limit + offset <= 65535
]


@pytest.mark.parametrize(("field", "value", "low", "high"), AROUND)
def test_coded_ranges_five_steps_around_each_end(
    field: str, value: int, low: int, high: int
) -> None:
    chair = CoreChair().armed()
    chair.setpoint(**{field: value})
    assert (chair.state() is State.ACTIVE) == (low <= value <= high)
    assert chair.view.refused == (not low <= value <= high)


def test_an_uncalibrated_chair_gives_ten_percent_and_says_so() -> None:
    chair = CoreChair(image=store())
    chair.leased = True
    chair.identify(calibration_hash=0)
    chair.boot()
    chair.run(1200)
    chair.arm()
    chair.drive(8000, vibration_permille=1000, sound_permille=1000)
    assert (chair.view.vibration_ppm, chair.view.sound_ppm) == (100_000, 100_000)
    identity = chair.identities[-1]
    assert (identity.calibration, identity.calibration_hash, identity.matched) == (0, 0, True)
    assert (identity.vibration_ceiling_permille, identity.sound_ceiling_permille) == (100, 100)


def test_steps_alternating_colours_and_full_red_are_shaped_not_faults() -> None:
    chair = CoreChair().active()
    colours = [
        {"red_permille": 1000, "green_permille": 0, "blue_permille": 0},
        {"red_permille": 0, "green_permille": 1000, "blue_permille": 1000},
        {"red_permille": 1000, "green_permille": 1000, "blue_permille": 0},
    ]
    before = (chair.view.red_ppm, chair.view.green_ppm, chair.view.blue_ppm)
    for step in range(3000):
        if step % 100 == 0:
            chair.setpoint(**colours[step // 100 % 3], vibration_permille=step // 100 % 2 * 1000)
        chair.run(1)
        view = chair.view
        now = (view.red_ppm, view.green_ppm, view.blue_ppm)
        assert all(abs(a - b) <= LIGHT_SLEW for a, b in zip(before, now, strict=True))
        assert now[1] + now[2] >= RED_RATIO * now[0]
        before = now
    assert chair.state() is State.ACTIVE
    status = chair.statuses[-1]
    assert status.green_permille + status.blue_permille >= RED_RATIO * status.red_permille


@pytest.mark.parametrize("state", ["boot", "ready", "armed", "faulty", "stopped_by_hand"])
def test_vibration_and_sound_are_off_and_the_light_is_the_courtesy_light(state: str) -> None:
    chair = CoreChair()
    getattr(chair, state)()
    chair.run(2000)
    view = chair.view
    assert (view.vibration_ppm, view.sound_ppm, view.amplifier_enabled) == (0, 0, 0)
    assert (view.red_ppm, view.green_ppm, view.blue_ppm) == (100_000, 70_000, 35_000)
