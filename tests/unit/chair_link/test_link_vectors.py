"""The host's end passes the shared vectors, and PROTOCOL.md shows the same examples."""

import json
from dataclasses import asdict
from typing import Any

import pytest
from cobs import cobs  # type: ignore[import-untyped]

from calmloop.chair_link.errors import WireFrameError, WireMessageError
from calmloop.chair_link.explanations import ARM_BLOCKS, FAULTS, STOPS
from calmloop.chair_link.frames import FrameReader, WireFrame, decode, encode
from calmloop.chair_link.identification import CAP_HASH
from calmloop.chair_link.messages import (
    MESSAGES,
    ArmBlock,
    Calibrate,
    Fault,
    Identity,
    StopReason,
    read_message,
)
from tests.unit.chair_link.posix_chair import FIRMWARE

BRIDGE = FIRMWARE.parent
PROTOCOL = (BRIDGE / "PROTOCOL.md").read_text()


def load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((BRIDGE / "vectors" / f"{name}.json").read_text())
    return loaded


FRAMES = [pytest.param(entry, id=entry["name"]) for entry in load("frames")["frames"]]


@pytest.mark.parametrize("entry", FRAMES)
def test_frames_both_ways(entry: dict[str, Any]) -> None:
    wire = bytes.fromhex(entry["wire"])
    frame = decode(wire[:-1])
    assert (frame.version, frame.kind, frame.seq, frame.boot_id, frame.payload.hex()) == (
        entry["version"],
        entry["type"],
        entry["seq"],
        entry["boot_id"],
        entry["payload"],
    )
    assert encode(frame) == wire


@pytest.mark.parametrize("entry", FRAMES)
def test_messages_both_ways(entry: dict[str, Any]) -> None:
    message = read_message(decode(bytes.fromhex(entry["wire"])[:-1]))
    fields = asdict(message)
    if isinstance(message, Identity):
        fields["serial_bytes"] = message.serial
    if isinstance(message, Calibrate):
        fields["record"] = message.record.hex()
    assert fields == entry["fields"]
    assert message.payload().hex() == entry["payload"]


@pytest.mark.parametrize("entry", FRAMES)
def test_the_document_shows_the_same_examples(entry: dict[str, Any]) -> None:
    assert f"| {entry['name']} | `{entry['wire']}` |" in PROTOCOL


def test_every_message_has_an_example() -> None:
    assert {entry.values[0]["type"] for entry in FRAMES} == set(MESSAGES)  # type: ignore[index]


@pytest.mark.parametrize("entry", load("bad_frames")["wires"], ids=lambda entry: entry["name"])
def test_bad_frames_are_counted_once_and_the_next_frame_is_found(entry: dict[str, Any]) -> None:
    wire = bytes.fromhex(entry["wire"])
    with pytest.raises(WireFrameError):
        decode(wire[:-1])
    good = bytes.fromhex(load("frames")["frames"][0]["wire"])
    reader = FrameReader()
    assert len(reader.feed(good + wire + good)) == 2
    assert reader.bad == 1


def test_stuffing() -> None:
    for pair in load("cobs")["pairs"]:
        assert cobs.encode(bytes.fromhex(pair["plain"])).hex() == pair["stuffed"]
    for text in load("cobs")["undecodable"]:
        with pytest.raises(WireFrameError):
            decode(bytes.fromhex(text))


def test_cap_hash() -> None:
    assert load("identity")["cap_hash"] == CAP_HASH
    assert f"`0x{CAP_HASH:08X}`" in PROTOCOL


@pytest.mark.parametrize("size", [0, 47, 49])
def test_a_status_of_another_size_is_refused_with_a_hint(size: int) -> None:
    with pytest.raises(WireMessageError, match="STATUS"):
        read_message(WireFrame(0x81, 0, 1, bytes(size)))


@pytest.mark.parametrize(
    ("kind", "at", "value"), [(0x81, 0, 7), (0x81, 1, 10), (0x82, 12, 3), (0x83, 3, 9)]
)
def test_an_unknown_code_is_refused_with_a_hint(kind: int, at: int, value: int) -> None:
    payload = bytearray(MESSAGES[kind].layout.size)
    payload[at] = value
    with pytest.raises(WireMessageError, match="update the host"):
        read_message(WireFrame(kind, 0, 1, bytes(payload)))


@pytest.mark.parametrize(
    ("at", "most"), [(6, 1000), (8, 2000), (10, 1000), (12, 1000), (14, 1000), (16, 1000)]
)
def test_outputs_beyond_full_scale_are_refused(at: int, most: int) -> None:
    payload = bytearray(MESSAGES[0x81].layout.size)
    payload[at : at + 2] = most.to_bytes(2, "little")
    read_message(WireFrame(0x81, 0, 1, bytes(payload)))
    payload[at : at + 2] = (most + 1).to_bytes(2, "little")
    with pytest.raises(WireMessageError, match=str(most)):
        read_message(WireFrame(0x81, 0, 1, bytes(payload)))


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(WireMessageError, match="0x42"):
        read_message(WireFrame(0x42, 0, 1))


def test_every_code_is_explained() -> None:
    assert set(FAULTS) == set(Fault)
    assert set(STOPS) == set(StopReason)
    assert set(ARM_BLOCKS) == set(ArmBlock)
    for fault in set(Fault) - {Fault.NONE}:
        assert FAULTS[fault].cause
        assert "press ACK" in FAULTS[fault].remedy or fault is Fault.SELF_TEST
