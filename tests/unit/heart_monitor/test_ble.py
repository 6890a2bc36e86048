"""A strap by Bluetooth: found, listened to, lost and found again, over a virtual controller."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from bumble.profiles.heart_rate_service import HeartRateService

from calmloop.base.clock import ManualClock
from calmloop.base.errors import DeviceError
from calmloop.heart_monitor.lines import Columns
from calmloop.heart_monitor.reading import Battery, Garbage, Measurement, Reading
from calmloop.heart_monitor.sources.ble import BATTERY_EVERY_S, BleSection, BleSource
from calmloop.heart_monitor.sources.source import SourceContext
from tests.unit.heart_monitor.radio import Radio, Strap

OTHER = "E0:E1:E2:E3:E4:E5"


class Bench:
    """A source beside its straps, all in the source's own loop."""

    def __init__(self, *straps: Strap, **section: Any) -> None:
        self.clock = ManualClock()
        self.radio = Radio(*straps)
        context = SourceContext(self.clock, Columns({}))
        load: Callable[[], Any] = lambda: self.radio  # noqa: E731
        self.source = BleSource(BleSection(**section), context, load)

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        assert self.source._loop is not None
        self.source._loop.run_until_complete(work)

    def tell(self, strap: Strap, *measurements: bytes) -> list[Reading]:
        for measurement in measurements:
            self.do(strap.tell(measurement))
        return list(self.source.read())

    def close(self) -> None:
        self.source.close()
        if (loop := self.source._loop) is not None:
            for task in asyncio.all_tasks(loop):
                task.cancel()
            loop.run_until_complete(asyncio.sleep(0))
            loop.close()


@pytest.fixture
def benches() -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(*straps: Strap, **section: Any) -> Bench:
        made.append(Bench(*straps, **section))
        return made[-1]

    yield make
    for bench in made:
        bench.close()


def measurement(rate_bpm: int, *rr_s: float, contact: bool | None = None) -> bytes:
    return bytes(HeartRateService.HeartRateMeasurement(rate_bpm, contact, None, rr_s or None))


def test_the_one_strap_in_reach_is_listened_to(benches: Callable[..., Bench]) -> None:
    strap = Strap()
    bench = benches(strap)
    bench.source.open()
    assert bench.source.origin == "Polar H10 12345678 (F0:F1:F2:F3:F4:F5)"
    came = bench.tell(strap, measurement(72, 0.8134765625), measurement(73, 0.8, contact=False))
    at_ns = bench.clock.monotonic_ns()
    assert Battery(at_ns, 95) in came
    assert Measurement(at_ns, 72.0, (813.4765625,)) in came
    assert [m.contact for m in came if isinstance(m, Measurement)] == [None, False]


def test_garbage_over_the_air_is_told_and_the_next_is_read(benches: Callable[..., Bench]) -> None:
    strap = Strap(battery=None)
    bench = benches(strap)
    bench.source.open()
    garbage, measured = bench.tell(strap, b"\x10\x48\x01", measurement(72))
    assert isinstance(garbage, Garbage)
    assert isinstance(measured, Measurement)


def test_of_several_straps_none_is_taken_unless_it_is_named(benches: Callable[..., Bench]) -> None:
    bench = benches(Strap(), Strap("HRM-Dual", OTHER))
    with pytest.raises(DeviceError, match="several straps are in reach") as refused:
        bench.source.open()
    assert "HRM-Dual" in str(refused.value)
    assert "heart_monitor.ble.address" in str(refused.value)
    assert not bench.radio.clients


@pytest.mark.parametrize("named", [{"address": OTHER.lower()}, {"name": "hrm"}])
def test_a_strap_is_chosen_by_address_or_name(
    named: dict[str, str], benches: Callable[..., Bench]
) -> None:
    bench = benches(Strap(), Strap("HRM-Dual", OTHER))
    bench.source = BleSource(
        BleSection(**named), SourceContext(bench.clock, Columns({})), lambda: bench.radio
    )
    bench.source.open()
    assert bench.source.origin == f"HRM-Dual ({OTHER})"


def test_another_strap_than_the_named_one_is_never_taken(benches: Callable[..., Bench]) -> None:
    bench = benches(Strap(), address=OTHER)
    with pytest.raises(DeviceError, match=f"{OTHER} is not in reach"):
        bench.source.open()


def test_a_strap_that_goes_away_is_lost_and_found_again(benches: Callable[..., Bench]) -> None:
    strap = Strap()
    bench = benches(strap)
    bench.source.open()
    bench.tell(strap, measurement(72))
    bench.do(strap.go_out_of_range())
    with pytest.raises(DeviceError, match="is lost"):
        bench.source.read()
    bench.source.close()
    bench.source.open()
    assert Measurement(bench.clock.monotonic_ns(), 74.0) in bench.tell(strap, measurement(74))


def test_what_it_told_before_it_went_is_still_read(benches: Callable[..., Bench]) -> None:
    strap = Strap(battery=None)
    bench = benches(strap)
    bench.source.open()
    bench.do(strap.tell(measurement(72)))
    bench.do(strap.go_out_of_range())
    assert bench.source.read() == [Measurement(bench.clock.monotonic_ns(), 72.0)]
    with pytest.raises(DeviceError, match="is lost"):
        bench.source.read()


def test_the_battery_is_asked_for_now_and_then(benches: Callable[..., Bench]) -> None:
    strap = Strap()
    bench = benches(strap)
    bench.source.open()
    assert [type(reading) for reading in bench.source.read()] == [Battery]
    assert bench.source.read() == []
    bench.clock.advance(BATTERY_EVERY_S)
    assert [type(reading) for reading in bench.source.read()] == [Battery]


def test_a_device_that_measures_no_heart_rate_is_refused(benches: Callable[..., Bench]) -> None:
    bench = benches(Strap("Scale", measures=False))
    with pytest.raises(DeviceError, match=r"Scale .* measures no heart rate"):
        bench.source.open()


def test_a_flood_over_the_air_keeps_the_newest(benches: Callable[..., Bench]) -> None:
    strap = Strap(battery=None)
    bench = benches(strap)
    bench.source.open()
    came = bench.tell(strap, *(measurement(60 + n % 60) for n in range(400)))
    assert len(came) == 256
    assert isinstance(came[-1], Measurement)
    assert came[-1].rate_bpm == 60 + 399 % 60


def test_without_bleak_and_without_bluetooth_it_says_what_to_do() -> None:
    context = SourceContext(ManualClock(), Columns({}))

    def missing() -> Any:
        raise ImportError("No module named 'bleak'")

    with pytest.raises(DeviceError, match="install it"):
        BleSource(BleSection(), context, missing).open()


def test_bleak_itself_without_bluez_is_a_lost_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/calmloop-bus")
    source = BleSection().load(SourceContext(ManualClock(), Columns({})))
    try:
        with pytest.raises(DeviceError, match="check that Bluetooth is on"):
            source.open()
    finally:
        source.close()
