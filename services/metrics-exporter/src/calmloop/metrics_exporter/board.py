"""The board under it all: temperature, throttling, room on the disk and in memory.

Read from /proc and /sys as Prometheus asks; what a board does not tell is left out.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector, CollectorRegistry

THROTTLED = "sys/devices/platform/soc/soc:firmware/get_throttled"
"""Raspberry Pi alone: bits as `vcgencmd get_throttled` prints them."""
THROTTLED_BITS = ("under_voltage", "frequency_capped", "throttled", "soft_temperature_limit")
"""Bits 0 to 3: what is so now. Bits 16 to 19, what was so since boot, Prometheus knows itself."""
MAX_PARTS = 16
"""Zones of temperature, or groups of processors, at most."""
MEMORY = {"MemAvailable": "available", "MemTotal": "total"}


class BoardMetrics(Collector):
    """Asks the kernel."""

    def __init__(self, registry: CollectorRegistry, disk: Path, root: Path = Path("/")) -> None:
        self._disk, self._root = disk, root
        registry.register(self)

    def describe(self) -> Iterator[Metric]:
        """The names without samples."""
        yield from (self._gauge(name) for name in DOCUMENTED)

    def collect(self) -> Iterator[Metric]:
        """All that is told; called by the thread that answers."""
        yield self._temperature()
        yield self._throttled()
        yield from self._frequency()
        yield from self._disk_room()
        yield self._memory()

    def _temperature(self) -> Metric:
        family = self._gauge("temperature_celsius")
        for zone in self._parts("sys/class/thermal", "thermal_zone*"):
            milli = _number(zone / "temp")
            if milli is not None:
                family.add_metric([_text(zone / "type")[:32] or zone.name], milli / 1000)
        return family

    def _throttled(self) -> Metric:
        family = self._gauge("throttled")
        bits = _number(self._root / THROTTLED, base=16)
        if bits is not None:
            for bit, cause in enumerate(THROTTLED_BITS):
                family.add_metric([cause], bits >> bit & 1)
        return family

    def _frequency(self) -> Iterator[Metric]:
        files = {
            "cpu_frequency_hertz": "scaling_cur_freq",
            "cpu_frequency_max_hertz": "cpuinfo_max_freq",
        }
        for name, file in files.items():
            family = self._gauge(name)
            for policy in self._parts("sys/devices/system/cpu/cpufreq", "policy*"):
                kilohertz = _number(policy / file)
                if kilohertz is not None:
                    family.add_metric([policy.name], kilohertz * 1000)
            yield family

    def _disk_room(self) -> Iterator[Metric]:
        free, size = self._gauge("disk_free_bytes"), self._gauge("disk_size_bytes")
        try:
            room = os.statvfs(self._disk)
        except OSError:
            pass
        else:
            free.add_metric([], room.f_bavail * room.f_frsize)
            size.add_metric([], room.f_blocks * room.f_frsize)
        yield free
        yield size

    def _memory(self) -> Metric:
        family = self._gauge("memory_bytes")
        for line in _text(self._root / "proc/meminfo").splitlines():
            name, _, value = line.partition(":")
            if name in MEMORY and value.split()[:1] and value.split()[0].isdigit():
                family.add_metric([MEMORY[name]], int(value.split()[0]) * 1024)
        return family

    def _parts(self, folder: str, pattern: str) -> list[Path]:
        return sorted((self._root / folder).glob(pattern))[:MAX_PARTS]

    @staticmethod
    def _gauge(name: str) -> GaugeMetricFamily:
        documentation, labels = DOCUMENTED[name]
        return GaugeMetricFamily(f"calmloop_board_{name}", documentation, labels=labels)


DOCUMENTED: dict[str, tuple[str, tuple[str, ...]]] = {
    "temperature_celsius": ("Of each zone that the kernel knows.", ("zone",)),
    "throttled": ("Whether the board slows itself down, by cause; Raspberry Pi alone.", ("cause",)),
    "cpu_frequency_hertz": ("Of each group of processors, now.", ("policy",)),
    "cpu_frequency_max_hertz": ("The same at its fastest.", ("policy",)),
    "disk_free_bytes": ("Room on the disk for those who are not root.", ()),
    "disk_size_bytes": ("Size of that disk.", ()),
    "memory_bytes": ("Memory of the board.", ("kind",)),
}
"""What each says, and its labels."""


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


def _number(path: Path, base: int = 10) -> int | None:
    try:
        return int(_text(path), base)
    except ValueError:
        return None
