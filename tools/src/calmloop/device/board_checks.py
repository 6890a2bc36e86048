"""Clock, disk, memory, temperature: what the board itself is short of."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from prometheus_client import CollectorRegistry

from calmloop.device.deployment import COMPOSE_FILE, Deployment
from calmloop.device.finding import DeviceFinding
from calmloop.device.machine import Machine
from calmloop.metrics_exporter import THROTTLED, THROTTLED_BITS, BoardMetrics

MB = 1_000_000
DISK_WRONG_BYTES = 500 * MB
DISK_WARNING_BYTES = 2_000 * MB
"""An update has the images of two versions for a while: under 2 GB a release."""
INODES_WARNING = 10_000
MEMORY_WRONG_BYTES = 150 * MB
MEMORY_WARNING_BYTES = 400 * MB
"""Rendering the soundscapes, once, takes 520 MB at most; the loop alone about half."""
HOT_C = 80.0
"""A Raspberry Pi slows itself down from here on."""
WARM_C = 70.0
SINCE_BOOT = 16
"""Bits 16 to 19 of `get_throttled`: what was so at any time since boot."""


def check_clock(machine: Machine, deployment: Deployment) -> Iterator[DeviceFinding]:
    """Is it the right time, and whose day is it?"""
    now = machine.now()
    made = datetime.fromtimestamp((deployment.folder / COMPOSE_FILE).stat().st_mtime, UTC)
    if now < made:
        yield DeviceFinding.wrong(
            "clock",
            f"it is {now:%Y-%m-%d %H:%M} UTC here, which is before {COMPOSE_FILE} was written",
            "set it: `sudo timedatectl set-time 'YYYY-MM-DD hh:mm'`, or join a network with a time"
            " server; certificates and the day's minutes go by it",
        )
    elif not machine.synchronised():
        battery = (
            ""
            if list(machine.below("/sys/class/rtc").glob("rtc*"))
            else (", and no battery-backed clock keeps it through a power cut")
        )
        yield DeviceFinding.warning(
            "clock",
            f"nothing corrects the clock{battery}",
            "`sudo timedatectl set-ntp true` with a time server in reach; compare it with a watch"
            " before each day's first session",
        )
    else:
        yield DeviceFinding.good("clock", f"{now:%Y-%m-%d %H:%M} UTC, and it is corrected")
    yield _zone(deployment.values.get("TZ", "UTC"))


def _zone(name: str) -> DeviceFinding:
    try:
        ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        return DeviceFinding.wrong(
            "time zone", f"TZ={name} is no time zone", "write one such as TZ=Europe/Riga into .env"
        )
    if name == "UTC":
        return DeviceFinding.warning(
            "time zone",
            "a child's minutes are counted by the day of UTC",
            "write where the child lives into .env, such as TZ=Europe/Riga",
        )
    return DeviceFinding.good("time zone", name)


def check_disk(
    folder: Path,
    wrong_bytes: int = DISK_WRONG_BYTES,
    warning_bytes: int = DISK_WARNING_BYTES,
    warning_inodes: int = INODES_WARNING,
) -> Iterator[DeviceFinding]:
    """Is there room where a folder is, and can it be written?"""
    todo = "`docker system prune` frees what old images take; `df -h` shows which disk is full"
    try:
        room = os.statvfs(folder)
    except OSError as error:
        yield DeviceFinding.warning(
            "disk", f"{folder}: {error.strerror}", "look at it as root: sudo"
        )
        return
    free = room.f_bavail * room.f_frsize
    told = f"{free // MB} MB are free at {folder}"
    if room.f_flag & os.ST_RDONLY:
        yield DeviceFinding.wrong(
            "disk",
            f"the disk of {folder} cannot be written",
            "`dmesg | tail` says why; a memory card that turns read-only is worn out: replace it",
        )
    elif free < wrong_bytes:
        yield DeviceFinding.wrong("disk", f"only {told}", todo)
    elif free < warning_bytes:
        yield DeviceFinding.warning("disk", f"only {told}", todo)
    elif room.f_files > 0 and room.f_favail < warning_inodes:
        yield DeviceFinding.warning(
            "disk", f"only {room.f_favail} more files fit at {folder}", todo
        )
    else:
        yield DeviceFinding.good("disk", told)


def check_memory(machine: Machine) -> Iterator[DeviceFinding]:
    """Is there memory, and do the containers' limits count?"""
    available = _board(machine).get_sample_value(
        "calmloop_board_memory_bytes", {"kind": "available"}
    )
    todo = "end other programs, `free -m` and `docker stats` show them; or leave a profile out"
    if available is None:
        yield DeviceFinding.warning("memory", "the kernel does not say how much there is", "")
    elif available < MEMORY_WRONG_BYTES:
        yield DeviceFinding.wrong("memory", f"only {available / MB:.0f} MB are available", todo)
    elif available < MEMORY_WARNING_BYTES:
        yield DeviceFinding.warning("memory", f"only {available / MB:.0f} MB are available", todo)
    else:
        yield DeviceFinding.good("memory", f"{available / MB:.0f} MB are available")
    if not _limits_count(machine):
        yield DeviceFinding.warning(
            "memory limits",
            "the kernel does not bound the containers' memory",
            "on a Raspberry Pi add `cgroup_enable=memory` to the line in"
            " /boot/firmware/cmdline.txt, then reboot",
        )


def _limits_count(machine: Machine) -> bool:
    if machine.text("/sys/fs/cgroup/cgroup.controllers"):
        return "memory" in machine.text("/sys/fs/cgroup/cgroup.controllers").split()
    return any(
        line.split()[0] == "memory" and line.split()[-1] == "1"
        for line in machine.text("/proc/cgroups").splitlines()
        if line.split()
    )


def check_temperature(machine: Machine) -> Iterator[DeviceFinding]:
    """Is it too hot, or is its supply too weak?"""
    yield _temperature(machine)
    try:
        bits = int(machine.text(THROTTLED), 16)
    except ValueError:
        yield DeviceFinding.unused(
            "supply", "this board does not tell whether it slows itself down"
        )
        return
    now, before = _causes(bits), _causes(bits >> SINCE_BOOT)
    if now:
        yield DeviceFinding.wrong("supply", f"now: {', '.join(now)}", SUPPLY)
    elif before:
        yield DeviceFinding.warning("supply", f"since it started: {', '.join(before)}", SUPPLY)
    else:
        yield DeviceFinding.good("supply", "neither weak nor throttled since it started")


SUPPLY = (
    "under_voltage: take the board's own power supply and a short cable; the others: cool it;"
    " a slow board answers leases late, and the chair stops"
)


def _temperature(machine: Machine) -> DeviceFinding:
    zones = [
        (sample.value, sample.labels["zone"])
        for family in _board(machine).collect()
        if family.name == "calmloop_board_temperature_celsius"
        for sample in family.samples
    ]
    if not zones:
        return DeviceFinding.unused("temperature", "this board does not tell it")
    hottest, zone = max(zones)
    told = f"{zone} is at {hottest:.0f} °C"
    todo = "give the board a heat sink or a fan, and air; take it out of the sun"
    if hottest >= HOT_C:
        return DeviceFinding.wrong("temperature", told, todo)
    if hottest >= WARM_C:
        return DeviceFinding.warning("temperature", told, todo)
    return DeviceFinding.good("temperature", told)


def _board(machine: Machine) -> CollectorRegistry:
    """What the metrics exporter reads of the board."""
    registry = CollectorRegistry()
    BoardMetrics(registry, machine.root, machine.root)
    return registry


def _causes(bits: int) -> list[str]:
    return [cause for bit, cause in enumerate(THROTTLED_BITS) if bits >> bit & 1]
