"""Between our messages and what paho makes packets of."""

from functools import cache

import paho.mqtt.client as paho
from paho.mqtt.properties import Properties, VariableByteIntegers

from calmloop.bus.transport import RawMessage

HEADER = "header"
HEADER_MAX_BYTES = 4096
"""Room for the topic and the properties of a packet."""
MESSAGE_EXPIRY, USER_PROPERTY = b"\x02", b"\x26"


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
    header = USER_PROPERTY + _string(HEADER.encode()) + _string(message.header)
    return _packed((b"" if message.expiry_s is None else _expires(message.expiry_s)) + header)


@cache
def _expiry(expiry_s: int) -> Properties:
    return _packed(_expires(expiry_s))


def _expires(expiry_s: int) -> bytes:
    return MESSAGE_EXPIRY + expiry_s.to_bytes(4)


def _string(text: bytes) -> bytes:
    return len(text).to_bytes(2) + text


def _packed(several: bytes) -> Properties:
    length: bytes = VariableByteIntegers.encode(len(several))  # type: ignore[no-untyped-call]
    return _Packed(length + several)


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
