"""The Bluetooth Heart Rate and Battery Services, as bytes.

Source: Bluetooth SIG, Heart Rate Service 1.0, section 3.1.1 (Heart Rate Measurement, 0x2A37) and
GATT Specification Supplement; Battery Service 1.1 (Battery Level, 0x2A19).
"""

import struct

from calmloop.heart_monitor.reading import Battery, Garbage, Measurement

HEART_RATE_SERVICE = "0000180d-0000-1000-8000-00805f9b34fb"
HEART_RATE_MEASUREMENT = "00002a37-0000-1000-8000-00805f9b34fb"
BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"

RATE_IS_16_BIT = 0x01
ON_SKIN = 0x02
TELLS_CONTACT = 0x04
HAS_ENERGY = 0x08
HAS_INTERVALS = 0x10
RR_UNITS_PER_S = 1024
MAX_BYTES = 512
"""The longest value that GATT carries."""


def parse_measurement(data: bytes, at_ns: int) -> Measurement | Garbage:
    """Reads a Heart Rate Measurement; what does not hold what its flags promise is garbage.

    Reserved flags, and bytes behind what the flags name, are passed over: later versions of the
    service may use them.
    """
    if not 2 <= len(data) <= MAX_BYTES:
        return Garbage(at_ns, f"a measurement of {len(data)} bytes")
    flags = data[0]
    rate_format = "<H" if flags & RATE_IS_16_BIT else "<B"
    begin = 1 + struct.calcsize(rate_format) + (2 if flags & HAS_ENERGY else 0)
    if len(data) < begin:
        return Garbage(at_ns, f"a measurement that is cut after {len(data)} bytes")
    intervals = data[begin:] if flags & HAS_INTERVALS else b""
    if len(intervals) % 2:
        return Garbage(at_ns, "a measurement with half an interval")
    (rate_bpm,) = struct.unpack_from(rate_format, data, 1)
    return Measurement(at_ns, float(rate_bpm) or None, _rr_ms(intervals), _contact(flags))


def _rr_ms(intervals: bytes) -> tuple[float, ...]:
    units = (unit for (unit,) in struct.iter_unpack("<H", intervals))
    return tuple(1000 * unit / RR_UNITS_PER_S for unit in units)


def _contact(flags: int) -> bool | None:
    return bool(flags & ON_SKIN) if flags & TELLS_CONTACT else None


def parse_battery(data: bytes, at_ns: int) -> Battery | Garbage:
    """Reads a Battery Level: one byte, 0 to 100."""
    if len(data) != 1 or data[0] > 100:
        return Garbage(at_ns, "a battery's level that is none")
    return Battery(at_ns, data[0])
