"""The firmware passes the shared vectors."""

import ctypes
import json
from typing import Any

import pytest

from calmloop.chair_link.frames import FrameReader
from tests.unit.firmware_core.binding import VECTORS, CCalibration, library
from tests.unit.firmware_core.core import CoreChair
from tests.unit.firmware_core.stored import crc
from tests.unit.firmware_core.wire_structs import CFrame


def load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_text())
    return loaded


def named(entries: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(entry, id=entry["name"]) for entry in entries]


def test_checksums() -> None:
    for entry in load("crc32c")["sums"]:
        assert crc(bytes.fromhex(entry["bytes"])) == entry["crc"]


def test_stuffing_both_ways() -> None:
    core = library()
    for pair in load("cobs")["pairs"]:
        plain, stuffed = bytes.fromhex(pair["plain"]), bytes.fromhex(pair["stuffed"])
        buffer = ctypes.create_string_buffer(80)
        assert core.cobs_encode(plain, len(plain), buffer) == len(stuffed)
        assert buffer.raw[: len(stuffed)] == stuffed
        assert core.cobs_decode(stuffed, len(stuffed), buffer) == len(plain)
        assert buffer.raw[: len(plain)] == plain


def test_what_cannot_be_unstuffed() -> None:
    buffer = ctypes.create_string_buffer(80)
    for text in load("cobs")["undecodable"]:
        data = bytes.fromhex(text)
        assert library().cobs_decode(data, len(data), buffer) == 0


@pytest.mark.parametrize("entry", named(load("frames")["frames"]))
def test_frames_both_ways(entry: dict[str, Any]) -> None:
    core, wire, payload = library(), bytes.fromhex(entry["wire"]), bytes.fromhex(entry["payload"])
    read = CFrame()
    assert core.frame_decode(wire[:-1], len(wire) - 1, read) == 1
    assert (read.version, read.type, read.seq, read.boot_id) == (
        entry["version"],
        entry["type"],
        entry["seq"],
        entry["boot_id"],
    )
    assert bytes(read.payload)[: read.size] == payload
    buffer = ctypes.create_string_buffer(62)
    assert core.frame_encode(read, buffer) == len(wire)
    assert buffer.raw[: len(wire)] == wire


@pytest.mark.parametrize("entry", named(load("bad_frames")["wires"]))
def test_bad_frames_count_once_and_spoil_nothing(entry: dict[str, Any]) -> None:
    chair = CoreChair()
    chair.receive(bytes.fromhex(entry["wire"]))
    assert chair.view.bad_frames == 1
    chair.identify()
    chair.turn()
    assert chair.identities[-1].matched


@pytest.mark.parametrize("entry", load("lease")["proofs"])
def test_lease_proofs(entry: dict[str, Any]) -> None:
    assert library().lease_proof(entry["boot_id"], entry["nonce"]) == entry["proof"]


def test_cap_hash() -> None:
    vector = load("identity")
    numbers = b"".join(cap["value"].to_bytes(4, "little") for cap in vector["caps"])
    assert library().envelope_hash() == crc(numbers) == vector["cap_hash"]


@pytest.mark.parametrize("entry", named(load("identity")["calibrations"]))
def test_ceilings_of_a_calibration(entry: dict[str, Any]) -> None:
    read = CCalibration()
    assert library().calibration_read(read, bytes.fromhex(entry["record"]))
    assert read.hash == entry["hash"]
    for mhz, ppm in entry["ceilings_ppm"].items():
        assert library().calibration_vibration_ppm(read, int(mhz)) == ppm
    assert library().calibration_sound_ppm(read) == 1000 * entry["sound_ceiling_permille"]


@pytest.mark.parametrize("entry", named(load("identity")["implausible"]))
def test_an_implausible_calibration_leaves_ten_percent(entry: dict[str, Any]) -> None:
    read = CCalibration()
    assert not library().calibration_read(read, bytes.fromhex(entry["record"]))
    assert (read.kind, read.hash) == (0, 0)
    assert {library().calibration_vibration_ppm(read, mhz) for mhz in (30_000, 80_000)} == {100_000}
    assert library().calibration_sound_ppm(read) == 100_000


def test_the_chair_sends_frames_that_the_host_reads() -> None:
    chair = CoreChair().active(500)
    reader = FrameReader()
    frames = reader.feed(bytes(chair.wire))
    assert reader.bad == 0
    assert [frame.seq for frame in frames] == list(range(len(frames)))
    assert {frame.boot_id for frame in frames} == {chair.boot_id}
