"""The board is asked as the kernel tells it, and what it does not tell is left out."""

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from calmloop.metrics_exporter.board import MAX_PARTS, THROTTLED, BoardMetrics

ZONE = "sys/class/thermal/thermal_zone0"
POLICY = "sys/devices/system/cpu/cpufreq/policy0"


def written(root: Path, files: dict[str, str]) -> CollectorRegistry:
    """A board whose kernel says this."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text + "\n")
    registry = CollectorRegistry()
    BoardMetrics(registry, root, root)
    return registry


def test_temperature_frequency_and_memory_are_in_base_units(tmp_path: Path) -> None:
    files = {
        f"{ZONE}/temp": "48312",
        f"{ZONE}/type": "cpu-thermal",
        f"{POLICY}/scaling_cur_freq": "1500000",
        f"{POLICY}/cpuinfo_max_freq": "2400000",
        "proc/meminfo": "MemTotal:  8000 kB\nMemFree: 1 kB\nMemAvailable:  2000 kB",
    }
    told = written(tmp_path, files).get_sample_value
    assert told("calmloop_board_temperature_celsius", {"zone": "cpu-thermal"}) == 48.312
    assert told("calmloop_board_cpu_frequency_hertz", {"policy": "policy0"}) == 1.5e9
    assert told("calmloop_board_cpu_frequency_max_hertz", {"policy": "policy0"}) == 2.4e9
    assert told("calmloop_board_memory_bytes", {"kind": "available"}) == 2_048_000
    assert told("calmloop_board_memory_bytes", {"kind": "total"}) == 8_192_000
    assert (told("calmloop_board_disk_size_bytes") or 0) > 0


@pytest.mark.parametrize(
    ("bits", "now"),
    [
        ("0", set()),
        ("50005", {"under_voltage", "throttled"}),
        ("0x8", {"soft_temperature_limit"}),
        ("e0000", set()),
    ],
)
def test_throttling_is_what_is_so_now(tmp_path: Path, bits: str, now: set[str]) -> None:
    registry = written(tmp_path, {THROTTLED: bits})
    (family,) = (f for f in registry.collect() if f.name == "calmloop_board_throttled")
    assert {s.labels["cause"] for s in family.samples if s.value} == now
    assert len(family.samples) == 4


def test_what_a_board_does_not_tell_is_left_out(tmp_path: Path) -> None:
    files = {f"{ZONE}/temp": "no number", THROTTLED: "?", "proc/meminfo": "MemTotal: lots"}
    registry = written(tmp_path, files)
    (tmp_path / "gone").mkdir()
    told = {family.name: family.samples for family in registry.collect()}
    kept = {name for name, samples in told.items() if samples}
    assert kept == {"calmloop_board_disk_free_bytes", "calmloop_board_disk_size_bytes"}


def test_zones_without_end_are_cut(tmp_path: Path) -> None:
    zones = {f"sys/class/thermal/thermal_zone{n}/temp": "1000" for n in range(MAX_PARTS + 9)}
    registry = written(tmp_path, zones)
    (family,) = (f for f in registry.collect() if f.name.endswith("temperature_celsius"))
    assert len(family.samples) == MAX_PARTS


def test_a_disk_that_is_gone_ends_nothing(tmp_path: Path) -> None:
    registry = CollectorRegistry()
    BoardMetrics(registry, tmp_path / "gone", tmp_path)
    assert registry.get_sample_value("calmloop_board_disk_free_bytes") is None
