"""What goes beside a payload is packed as paho packs it."""

import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from calmloop.bus import packets
from calmloop.bus.transport import RawMessage


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
    by_paho: bytes = expected.pack()  # type: ignore[no-untyped-call]
    assert (b"\0" if properties is None else properties.pack()) == by_paho


def test_a_header_too_long_for_its_length_is_refused() -> None:
    with pytest.raises(OverflowError):
        packets.properties(RawMessage("a", b"b", header=b"x" * 2**16))
