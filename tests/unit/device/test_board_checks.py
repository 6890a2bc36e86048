"""Clock, disk, memory and heat are told as the kernel has them, each with what to do."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from calmloop.device.board_checks import (
    check_clock,
    check_disk,
    check_memory,
    check_temperature,
)
from calmloop.device.finding import Grade
from calmloop.device.machine import is_synchronised
from calmloop.metrics_exporter import THROTTLED
from tests.unit.device.rig import NOON, DeviceRig, graded

MEMORY = "MemTotal: 4000000 kB\nMemAvailable: {} kB"
ZONE = "sys/class/thermal/thermal_zone0/temp"


def test_a_clock_before_the_deployment_was_made_is_wrong(rig: DeviceRig) -> None:
    machine = rig.machine(now=lambda: datetime(2000, 1, 1, tzinfo=UTC), synchronised=lambda: True)
    grade, told = graded(check_clock(machine, rig.deployment()), "clock")
    assert (grade, "timedatectl" in told) == (Grade.WRONG, True)


@pytest.mark.parametrize("battery", [False, True])
def test_a_clock_that_nothing_corrects_is_told(rig: DeviceRig, battery: bool) -> None:
    if battery:
        rig.write("/sys/class/rtc/rtc0/name", "rtc-ds1307")
    machine = rig.machine(now=lambda: NOON, synchronised=lambda: False)
    grade, told = graded(check_clock(machine, rig.deployment()), "clock")
    assert (grade, "no battery-backed" in told) == (Grade.WARNING, not battery)


def test_a_corrected_clock_is_good_and_this_kernel_answers(rig: DeviceRig) -> None:
    machine = rig.machine(now=lambda: NOON, synchronised=lambda: True)
    assert graded(check_clock(machine, rig.deployment()), "clock")[0] is Grade.GOOD
    assert is_synchronised() in (True, False)


@pytest.mark.parametrize(
    ("zone", "grade"),
    [("Europe/Riga", Grade.GOOD), ("UTC", Grade.WARNING), ("Riga/Europe", Grade.WRONG)],
)
def test_whose_day_counts_is_a_time_zone(rig: DeviceRig, zone: str, grade: Grade) -> None:
    found = check_clock(rig.machine(now=lambda: NOON), rig.deployment(TZ=zone))
    assert graded(found, "time zone")[0] is grade


def test_room_on_the_disk_is_measured_where_the_folder_is(tmp_path: Path) -> None:
    room = os.statvfs(tmp_path)
    more = 2 * room.f_blocks * room.f_frsize
    assert graded(check_disk(tmp_path, 0, 0, 0), "disk")[0] is Grade.GOOD
    assert graded(check_disk(tmp_path, 0, more, 0), "disk")[0] is Grade.WARNING
    assert graded(check_disk(tmp_path, more, more, 0), "disk")[0] is Grade.WRONG
    assert graded(check_disk(tmp_path / "gone"), "disk")[0] is Grade.WARNING


def test_a_disk_that_cannot_be_written_is_wrong() -> None:
    read_only = next(
        (
            Path(line.split()[1])
            for line in Path("/proc/mounts").read_text().splitlines()
            if "ro" in line.split()[3].split(",") and os.access(line.split()[1], os.R_OK)
        ),
        None,
    )
    if read_only is None:
        pytest.skip("nothing is mounted read-only here")
    grade, told = graded(check_disk(read_only), "disk")
    assert (grade, "cannot be written" in told) == (Grade.WRONG, True)


@pytest.mark.parametrize(
    ("kilobytes", "grade"), [(9e5, Grade.GOOD), (2e5, Grade.WARNING), (9e4, Grade.WRONG)]
)
def test_memory_is_what_is_available(rig: DeviceRig, kilobytes: float, grade: Grade) -> None:
    rig.write("/proc/meminfo", MEMORY.format(int(kilobytes)))
    assert graded(check_memory(rig.machine()), "memory")[0] is grade


@pytest.mark.parametrize(
    ("file", "text", "counts"),
    [
        ("/sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory pids", True),
        ("/sys/fs/cgroup/cgroup.controllers", "cpuset cpu io pids", False),
        ("/proc/cgroups", "#subsys_name hierarchy num enabled\nmemory\t0\t60\t1", True),
        ("/proc/cgroups", "#subsys_name hierarchy num enabled\nmemory\t0\t60\t0", False),
    ],
)
def test_limits_of_memory_need_the_kernels_controller(
    rig: DeviceRig, file: str, text: str, counts: bool
) -> None:
    rig.write("/proc/meminfo", MEMORY.format(900000))
    rig.write(file, text)
    told = {finding.check for finding in check_memory(rig.machine())}
    assert ("memory limits" not in told) is counts


@pytest.mark.parametrize(
    ("milli", "grade"), [("48312", Grade.GOOD), ("71000", Grade.WARNING), ("80000", Grade.WRONG)]
)
def test_the_hottest_zone_counts(rig: DeviceRig, milli: str, grade: Grade) -> None:
    rig.write("/sys/class/thermal/thermal_zone1/temp", "20000")
    rig.write(ZONE, milli)
    assert graded(check_temperature(rig.machine()), "temperature")[0] is grade


@pytest.mark.parametrize(
    ("bits", "grade", "word"),
    [
        ("0", Grade.GOOD, "neither"),
        ("50000", Grade.WARNING, "since it started: under_voltage, throttled"),
        ("50005", Grade.WRONG, "now: under_voltage, throttled"),
    ],
)
def test_a_weak_supply_is_told_now_and_since_the_start(
    rig: DeviceRig, bits: str, grade: Grade, word: str
) -> None:
    rig.write(THROTTLED, bits)
    found, told = graded(check_temperature(rig.machine()), "supply")
    assert (found, word in told) == (grade, True)


def test_a_board_that_tells_nothing_is_not_wrong(rig: DeviceRig) -> None:
    grades = [finding.grade for finding in check_temperature(rig.machine())]
    assert grades == [Grade.UNUSED, Grade.UNUSED]
