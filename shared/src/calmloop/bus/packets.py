"""Between our messages and what paho makes packets of."""

from functools import cache

import paho.mqtt.client as paho
from paho.mqtt.properties import Properties, VariableByteIntegers

from calmloop.bus.transport import RawMessage

HEADER = "header"
HEADER_MAX_BYTES = 4096
"""Room for the topic and the properties of a packet."""
MESSAGE_EXPIRY, USER_PROPERTY = b"\x02", b"\x26"
EXPIRY_BYTES = 5
MORE = 0x80
"""Flag of a length's byte that another one follows."""


def _string(text: bytes) -> bytes:
    return len(text).to_bytes(2) + text


BEFORE_HEADER = USER_PROPERTY + _string(HEADER.encode())


class _Packed(Properties):
    """Properties of a publication, packed once: paho only asks for the bytes.

    Its own class makes and searches tables of 27 entries for each of them.
    """

    def __init__(self, packed: bytes) -> None:
        object.__setattr__(self, "_packed", packed)

    def pack(self) -> bytes:
        """The bytes, with their length before them."""
        packed: bytes = object.__getattribute__(self, "_packed")
        return packed

    def __str__(self) -> str:
        return repr(self.pack())


def properties(message: RawMessage) -> Properties | None:
    """What goes beside the payload: its expiry, a picture's header (MQTT 5, section 2.2.2)."""
    if message.header is None:
        return None if message.expiry_s is None else _expiry(message.expiry_s)
    expires = b"" if message.expiry_s is None else _expires(message.expiry_s)
    return _packed(expires + BEFORE_HEADER + _string(message.header))


@cache
def _expiry(expiry_s: int) -> Properties:
    return _packed(_expires(expiry_s))


def _expires(expiry_s: int) -> bytes:
    return MESSAGE_EXPIRY + expiry_s.to_bytes(4)


def _packed(several: bytes) -> Properties:
    length: bytes = VariableByteIntegers.encode(len(several))  # type: ignore[no-untyped-call]
    return _Packed(length + several)


def read(command: int, packet: bytes | bytearray) -> tuple[RawMessage, int] | None:
    """A PUBLISH packet with QoS 0 or 1, and its number; None if there is anything unusual in it.

    Args:
        command: Its first byte.
        packet: What follows its length (MQTT 5, section 3.3).
    """
    qos = command >> 1 & 3
    try:
        start = 2 + int.from_bytes(packet[:2])
        name = packet[2:start].decode()
        number = int.from_bytes(packet[start : start + 2]) if qos else 0
        start += 2 if qos else 0
        length, width = _length(packet, start)
        end = start + width + length
        header = _header(bytes(packet[start + width : end])) if length else b""
    except (IndexError, UnicodeDecodeError):
        return None
    if qos > 1 or not name or header is None or end > len(packet):
        return None
    retain = bool(command & 1)
    return RawMessage(name, bytes(packet[end:]), retain, qos, header=header or None), number


def _length(packet: bytes | bytearray, start: int) -> tuple[int, int]:
    """A variable byte integer below 2^14, and how many bytes it takes."""
    first = packet[start]
    if first < MORE:
        return first, 1
    second = packet[start + 1]
    if not 0 < second < MORE:
        raise IndexError
    return first - MORE + MORE * second, 2


def _header(properties: bytes) -> bytes | None:
    """The header among properties, empty without; None if there are any but those we send."""
    bare = properties
    if properties[:1] == MESSAGE_EXPIRY:
        bare = properties[EXPIRY_BYTES:]
    elif properties[-EXPIRY_BYTES:][:1] == MESSAGE_EXPIRY:
        bare = properties[:-EXPIRY_BYTES]
    header = bare[len(BEFORE_HEADER) + 2 :]
    is_whole = len(properties) - len(bare) in (0, EXPIRY_BYTES)
    is_ours = not bare or (header and bare == BEFORE_HEADER + _string(header))
    return header if is_whole and is_ours and header.decode("ascii").isprintable() else None


def raw(message: paho.MQTTMessage) -> RawMessage:
    """What came, as the bus knows it.

    Raises:
        UnicodeDecodeError: its topic is no UTF-8.
    """
    pairs = getattr(message.properties, "UserProperty", [])
    header = next((value for key, value in pairs if key == HEADER), None)
    return RawMessage(
        name=message.topic,
        payload=bytes(message.payload),
        retain=message.retain,
        qos=message.qos,
        header=None if header is None else header.encode(),
    )
