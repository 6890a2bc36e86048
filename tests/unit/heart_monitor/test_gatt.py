"""The Bluetooth Heart Rate Measurement, bit by bit and against an implementation by others."""

import struct

import pytest
from bumble.profiles.heart_rate_service import HeartRateService
from hypothesis import given
from hypothesis import strategies as st

from calmloop.heart_monitor.gatt import parse_battery, parse_measurement
from calmloop.heart_monitor.reading import Battery, Garbage, Measurement

AT_NS = 7


def parsed(data: bytes) -> Measurement:
    measurement = parse_measurement(data, AT_NS)
    assert isinstance(measurement, Measurement)
    return measurement


@pytest.mark.parametrize(
    ("data", "rate_bpm", "rr_ms", "contact"),
    [
        # A Polar H10's: flags 0x10, 8-bit rate, one interval of 833/1024 s.
        ("10 48 41 03", 72.0, (813.4765625,), None),
        ("00 48", 72.0, (), None),
        ("01 48 00", 72.0, (), None),
        ("01 2c 01", 300.0, (), None),
        ("06 48", 72.0, (), True),
        ("04 48", 72.0, (), False),
        ("02 48", 72.0, (), None),
        ("16 48 00 04 00 02", 72.0, (1000.0, 500.0), True),
        ("08 48 ff ff", 72.0, (), None),
        ("1f 48 00 34 12 00 04", 72.0, (1000.0,), True),
        ("10 48", 72.0, (), None),
        ("06 00", None, (), True),
        # Reserved flags, and bytes that no flag names.
        ("e0 48 01 02 03", 72.0, (), None),
    ],
)
def test_each_field_stands_where_the_flags_say(
    data: str, rate_bpm: float | None, rr_ms: tuple[float, ...], contact: bool | None
) -> None:
    assert parsed(bytes.fromhex(data)) == Measurement(AT_NS, rate_bpm, rr_ms, contact)


@pytest.mark.parametrize(
    "data", ["", "10", "01 48", "08 48", "08 48 01", "19 48 00 01", "10 48 01"]
)
def test_what_is_cut_is_garbage(data: str) -> None:
    assert isinstance(parse_measurement(bytes.fromhex(data), AT_NS), Garbage)


def test_more_than_gatt_can_carry_is_garbage() -> None:
    assert isinstance(parse_measurement(bytes(513), AT_NS), Garbage)


@given(st.binary(max_size=600))
def test_any_bytes_are_a_bounded_measurement_or_garbage(data: bytes) -> None:
    reading = parse_measurement(data, AT_NS)
    if isinstance(reading, Measurement):
        assert reading.rate_bpm is None or 1 <= reading.rate_bpm <= 0xFFFF
        assert all(0 <= interval <= 64_000 for interval in reading.rr_ms)
        assert len(reading.rr_ms) <= len(data) // 2
    else:
        assert isinstance(reading, Garbage)


@given(
    rate=st.integers(1, 0xFFFF),
    contact=st.none() | st.booleans(),
    energy=st.none() | st.integers(0, 0xFFFF),
    units=st.none() | st.lists(st.integers(0, 0xFFFF), max_size=9),
)
def test_what_another_implementation_writes_is_read_as_it_was_meant(
    rate: int, contact: bool | None, energy: int | None, units: list[int] | None
) -> None:
    intervals = None if units is None else [unit / 1024 for unit in units]
    sent = HeartRateService.HeartRateMeasurement(rate, contact, energy, intervals)
    measurement = parsed(bytes(sent))
    assert measurement.rate_bpm == rate
    assert measurement.contact is contact
    assert measurement.rr_ms == tuple(1000 * unit / 1024 for unit in units or ())


def test_a_battery_s_level_is_one_byte_of_percent() -> None:
    assert parse_battery(b"\x64", AT_NS) == Battery(AT_NS, 100)
    for data in (b"", b"\x65", struct.pack("<H", 50)):
        assert isinstance(parse_battery(data, AT_NS), Garbage)
