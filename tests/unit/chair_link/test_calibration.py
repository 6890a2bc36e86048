"""From measured values to the table that a chair keeps, and to the ceilings that follow."""

import json
from typing import Any

import pytest

from calmloop.chair_link.calibration import (
    EMULATED,
    CalibrationTable,
    full_acceleration_mm_s2,
    full_sound_ddba,
    read_calibration,
)
from calmloop.chair_link.errors import ImplausibleError
from calmloop.chair_link.messages import CalibrationKind
from tests.unit.chair_link.posix_chair import FIRMWARE

VECTORS = json.loads((FIRMWARE.parent / "vectors" / "identity.json").read_text())
MEASURED = [entry for entry in VECTORS["calibrations"] if entry["record"].startswith("01")]


@pytest.mark.parametrize("entry", MEASURED, ids=lambda entry: entry["name"])
def test_ceilings_and_hash_are_the_chairs(entry: dict[str, Any]) -> None:
    record = bytes.fromhex(entry["record"])
    calibration = read_calibration(record)
    assert calibration.message().payload() == b"\0" + record
    assert calibration.message(may_jump=True).payload() == b"\1" + record
    assert calibration.hash == entry["hash"]
    for mhz, ppm in entry["ceilings_ppm"].items():
        assert calibration.vibration_ceiling_ppm(int(mhz)) == ppm
    assert calibration.sound_ceiling_permille == entry["sound_ceiling_permille"]


@pytest.mark.parametrize(
    ("full_ddba", "ceiling_permille"),
    [(400, 1000), (750, 1000), (751, 891), (760, 891), (761, 794), (950, 100), (1200, 5)],
)
def test_sound_is_attenuated_in_whole_decibels(full_ddba: int, ceiling_permille: int) -> None:
    calibration = CalibrationTable(((30, 1000), (80, 1000)), full_ddba)
    assert calibration.sound_ceiling_permille == ceiling_permille


ROUNDED_UP = [
    (1.0, 1000, 1000),
    (1.0001, 1000, 1001),
    (0.12, 100, 1204),  # 10 % is 102 of 1023 steps, not 102.3
    (0.05, 100, 502),
    (0.1, 73, 1383),  # 74 of 1023
]


@pytest.mark.parametrize(("measured", "drive", "full"), ROUNDED_UP)
def test_acceleration_at_full_drive_is_rounded_up(measured: float, drive: int, full: int) -> None:
    assert full_acceleration_mm_s2(measured, drive) == full


@pytest.mark.parametrize(
    ("measured", "drive", "full"), [(55.0, 100, 753), (75.0, 1000, 750), (60.01, 1000, 601)]
)
def test_sound_at_full_drive_is_rounded_up(measured: float, drive: int, full: int) -> None:
    """10 % is 25 of 256 steps: 20.2 dB below full drive."""
    assert full_sound_ddba(measured, drive) == full


@pytest.mark.parametrize("measured", [0.0048, 2.001, -0.1, 0.0, 120.0])
def test_an_implausible_acceleration_is_told_with_limits_and_what_to_do(measured: float) -> None:
    with pytest.raises(
        ImplausibleError, match=r"between 0.00499 and 1.99 is plausible.*measure again"
    ):
        full_acceleration_mm_s2(measured, 100)


@pytest.mark.parametrize("measured", [19.6, 100.1, -5.0])
def test_an_implausible_sound_level_is_told_with_limits_and_what_to_do(measured: float) -> None:
    with pytest.raises(
        ImplausibleError, match=r"between 19.8 and 99.8 is plausible.*measure again"
    ):
        full_sound_ddba(measured, 100)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ImplausibleError, match="enter a number"):
        full_acceleration_mm_s2(value, 100)
    with pytest.raises(ImplausibleError, match="enter a number"):
        full_sound_ddba(value, 100)


def test_what_an_emulated_chip_carries_is_known_by_its_hash() -> None:
    """A simulated child may steer it; a chair that a person sits in never has this table."""
    assert EMULATED.record[0] == CalibrationKind.MEASURED
    assert EMULATED.record[1:4] == bytes([3]) + (750).to_bytes(2, "little")
    assert all(EMULATED.vibration_ceiling_ppm(hz * 1000) == 1_000_000 for hz in (30, 40, 60, 80))
