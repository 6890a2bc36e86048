"""bleak itself, on a D-Bus of the test's own: found, listened to, lost, and taken up again."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from calmloop.base.clock import ManualClock
from calmloop.base.errors import DeviceError
from calmloop.heart_monitor.lines import Columns
from calmloop.heart_monitor.reading import Battery, Measurement, Reading
from calmloop.heart_monitor.sources import ble
from calmloop.heart_monitor.sources.ble import BleSection, BleSource
from calmloop.heart_monitor.sources.source import SourceContext
from tests.unit.heart_monitor.bluez import BlueZ, DbusStrap

POLAR, OTHER = "F0:F1:F2:F3:F4:F5", "E0:E1:E2:E3:E4:E5"
Start = Callable[..., tuple[BleSource, BlueZ]]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """A source beside straps, as they are for bleak."""
    monkeypatch.setattr(ble, "SEARCH_S", 0.3)
    with ExitStack() as stack:

        def begin(*straps: DbusStrap, **section: str) -> tuple[BleSource, BlueZ]:
            bluez = stack.enter_context(BlueZ(tmp_path, *straps))
            monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bluez.address)
            source = BleSource(BleSection(**section), SourceContext(ManualClock(), Columns({})))
            stack.callback(source.close)
            return source, bluez

        yield begin


def read(source: BleSource) -> list[Reading]:
    """Until something has come."""
    for _ in range(20):
        if readings := list(source.read()):
            return readings
    raise AssertionError("nothing came")


@pytest.mark.parametrize("named", [{}, {"address": POLAR}, {"name": "polar"}])
def test_a_strap_is_found_listened_to_and_asked_for_its_battery(
    start: Start, named: dict[str, str]
) -> None:
    straps = [DbusStrap(POLAR, "Polar H10"), DbusStrap(OTHER, "HRM-Dual")][: 2 if named else 1]
    source, bluez = start(*straps, **named)
    source.open()
    assert source.origin == f"Polar H10 ({POLAR})"
    at_ns = ManualClock().monotonic_ns()
    assert read(source) == [Battery(at_ns, 95)]
    bluez.tell(straps[0], b"\x16\x48\x00\x04")
    assert read(source) == [Measurement(at_ns, 72.0, (1000.0,), contact=True)]
    source.close()
    assert bluez.calls[-1] == "Disconnect"


def test_a_strap_that_parts_is_lost_and_found_again(start: Start) -> None:
    strap = DbusStrap(POLAR, "Polar H10")
    source, bluez = start(strap)
    source.open()
    read(source)
    bluez.part(strap)
    with pytest.raises(DeviceError, match="is lost"):
        read(source)
    source.close()
    source.open()
    read(source)
    bluez.tell(strap, b"\x00\x4a")
    assert read(source) == [Measurement(ManualClock().monotonic_ns(), 74.0)]


@pytest.mark.parametrize("named", [{}, {"address": POLAR}, {"name": "polar"}])
def test_a_strap_that_a_killed_process_left_connected_is_taken_up(
    start: Start, named: dict[str, str]
) -> None:
    """BlueZ keeps the connection; and who is connected does not advertise."""
    strap = DbusStrap(POLAR, "Polar H10", connected=True)
    source, bluez = start(strap, **named)
    source.open()
    read(source)
    bluez.tell(strap, b"\x00\x4a")
    assert read(source) == [Measurement(ManualClock().monotonic_ns(), 74.0)]


def test_one_that_is_connected_and_one_that_advertises_are_two(start: Start) -> None:
    source, _ = start(DbusStrap(POLAR, "Polar H10", connected=True), DbusStrap(OTHER, "HRM-Dual"))
    with pytest.raises(DeviceError, match="several straps are in reach"):
        source.open()


def test_a_user_whom_d_bus_turns_away_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So dbus-daemon does with a user whom the host does not know, as that of a container."""
    with socket.socket(socket.AF_UNIX) as bus:
        bus.bind(str(tmp_path / "bus"))
        bus.listen()
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path / 'bus'}")
        source = BleSource(BleSection(), SourceContext(ManualClock(), Columns({})))

        def turn_away() -> None:
            bus.accept()[0].close()

        doorman = threading.Thread(target=turn_away)
        doorman.start()
        with pytest.raises(DeviceError, match="that D-Bus knows this user") as turned_away:
            source.open()
        doorman.join()
    assert "heart.md" in str(turned_away.value)


def test_without_a_strap_it_says_so(start: Start) -> None:
    source, _ = start()
    with pytest.raises(DeviceError, match="a heart rate strap is not in reach"):
        source.open()
