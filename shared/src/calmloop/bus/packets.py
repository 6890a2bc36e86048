"""Between our messages and what paho makes packets of."""

from functools import cache

import paho.mqtt.client as paho
from paho.mqtt.properties import Properties

from calmloop.bus.transport import RawMessage

HEADER = "header"
HEADER_MAX_BYTES = 4096
"""Room for the topic and the properties of a packet."""


def properties(message: RawMessage, packet: int) -> Properties | None:
    """What goes beside the payload, in a packet of this type: its expiry, a picture's header."""
    if message.header is None:
        return None if message.expiry_s is None else _expiry(message.expiry_s, packet)
    properties = Properties(packet)  # type: ignore[no-untyped-call]
    if message.expiry_s is not None:
        properties.MessageExpiryInterval = message.expiry_s
    properties.UserProperty = (HEADER, message.header.decode())
    return properties


@cache
def _expiry(expiry_s: int, packet: int) -> Properties:
    # Shared between messages: paho makes 27 table entries for each of these, and only reads them.
    properties = Properties(packet)  # type: ignore[no-untyped-call]
    properties.MessageExpiryInterval = expiry_s
    return properties


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
