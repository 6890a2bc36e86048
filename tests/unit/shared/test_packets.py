"""What goes beside a payload is packed as paho packs it."""

from collections.abc import Iterator

import paho.mqtt.client as paho
import pytest
from paho.mqtt import _packet
from paho.mqtt.enums import MQTTProtocolVersion
from paho.mqtt.exception import MalformedPacket
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from calmloop.bus import packets
from calmloop.bus.transport import RawMessage


def _pack(properties: Properties | None) -> bytes:
    if properties is None:
        return b"\0"
    packed: bytes = properties.pack()  # type: ignore[no-untyped-call]
    return packed


@pytest.mark.parametrize("expiry_s", [None, 1, 30, 2**32 - 1])
@pytest.mark.parametrize(
    "header", [None, b"", b'{"frame_seq": 1}', "ä".encode() * 100, b"x" * 4000]
)
def test_properties_are_packed_as_paho_does(expiry_s: int | None, header: bytes | None) -> None:
    properties = packets.properties(RawMessage("a", b"b", expiry_s=expiry_s, header=header))
    expected = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    if expiry_s is not None:
        expected.MessageExpiryInterval = expiry_s
    if header is not None:
        expected.UserProperty = (packets.HEADER, header.decode())
    assert _pack(properties) == _pack(expected)


def test_a_header_too_long_for_its_length_is_refused() -> None:
    with pytest.raises(OverflowError):
        packets.properties(RawMessage("a", b"b", header=b"x" * 2**16))


HEADER = b"\x26\x00\x06header\x00\x02{}"
EXPIRY = b"\x02\x00\x00\x00\x01"
WHOLE = [
    b"\x00\x04name" + number + bytes([len(properties)]) + properties + payload
    for number in (b"", b"\x00\x07")
    for properties in (b"", EXPIRY, HEADER, EXPIRY + HEADER, HEADER + EXPIRY, EXPIRY * 2)
    for payload in (b"", b"\x00\xff")
]


def _spoiled() -> Iterator[bytes]:
    """Each packet whole, cut at each byte, and with each byte another one."""
    for packet in WHOLE:
        yield from (packet[:length] for length in range(len(packet) + 1))
        for place in range(len(packet)):
            for byte in (0, 2, 0x7F, 0x80, packet[place] ^ 1):
                yield packet[:place] + bytes([byte]) + packet[place + 1 :]


def _by_paho(command: int, packet: bytes) -> tuple[RawMessage, int] | None:
    try:
        result = _packet.decode_publish(command, packet, MQTTProtocolVersion.MQTTv5)
        message = paho.MQTTMessage(result.mid, result.topic)
        message.qos, message.retain = result.qos, result.retain
        message.payload, message.properties = bytes(result.payload), result.properties
        return packets.raw(message), result.mid
    except (MalformedPacket, UnicodeDecodeError):
        return None


@pytest.mark.parametrize("command", [0x30, 0x31, 0x32, 0x33, 0x34])
def test_a_packet_is_read_as_paho_reads_it_or_left_to_it(command: int) -> None:
    left = 0
    for packet in _spoiled():
        read = packets.read(command, packet)
        left += read is None
        assert read is None or read == _by_paho(command, packet), packet
    assert left == len(list(_spoiled())) if command == 0x34 else left > 0


def test_what_our_services_send_is_not_left_to_paho() -> None:
    several = [RawMessage("a/b", b"{}", qos=qos) for qos in (0, 1)]
    several.append(RawMessage("a/b", b"{}", expiry_s=2))
    several.append(RawMessage("a/b", b"jpeg", expiry_s=1, header=b'{"frame_seq": 1}' * 20))
    for message in several:
        properties = packets.properties(message)
        number = b"\0\7" if message.qos else b""
        read = packets.read(
            0x30 | message.qos << 1, b"\0\3a/b" + number + _pack(properties) + message.payload
        )
        assert read is not None
        assert (read[0].payload, read[0].header) == (message.payload, message.header)
