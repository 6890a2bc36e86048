"""Frames on the wire: COBS(version, type, sequence, boot id, payload, CRC-32C) and a zero.

PROTOCOL.md is the specification; the firmware's `frame.c` is the other end.
"""

import struct
from dataclasses import dataclass

import google_crc32c
from cobs import cobs  # type: ignore[import-untyped]

from calmloop.chair_link.errors import WireFrameError
from calmloop.chair_link.wire.numbers import FRAME_HEADER, FRAME_PAYLOAD_MAX, FRAME_VERSION

VERSION = FRAME_VERSION
PAYLOAD_MAX = FRAME_PAYLOAD_MAX
DELIMITER = b"\0"
"""Ends a frame; several in a row mean nothing."""
_HEADER = struct.Struct(FRAME_HEADER)
_CRC = struct.Struct("<I")
STUFFED_MAX = _HEADER.size + PAYLOAD_MAX + _CRC.size + 1

SEQ_RANGE = 1 << 16


@dataclass(frozen=True)
class WireFrame:
    """One frame: `kind` is the message type, `seq` 16 bits, `boot_id` the chair's 32 bits."""

    kind: int
    seq: int
    boot_id: int
    payload: bytes = b""
    version: int = VERSION


def encode(frame: WireFrame) -> bytes:
    """The frame as it goes over the wire, with its closing zero.

    Raises:
        ValueError: the payload is longer than `PAYLOAD_MAX`.
    """
    if len(frame.payload) > PAYLOAD_MAX:
        raise ValueError(f"payload has {len(frame.payload)} bytes: at most {PAYLOAD_MAX} fit")
    body = _HEADER.pack(frame.version, frame.kind, frame.seq, frame.boot_id) + frame.payload
    return bytes(cobs.encode(body + _CRC.pack(google_crc32c.value(body)))) + DELIMITER


def decode(stuffed: bytes) -> WireFrame:
    """The frame in the bytes before a closing zero.

    Raises:
        WireFrameError: the bytes are no frame.
    """
    if len(stuffed) > STUFFED_MAX:
        raise WireFrameError(f"{len(stuffed)} bytes: a frame has at most {STUFFED_MAX}")
    try:
        raw = cobs.decode(stuffed)
    except cobs.DecodeError as error:
        raise WireFrameError(f"stuffing: {error}") from None
    if len(raw) < _HEADER.size + _CRC.size:
        raise WireFrameError(f"{len(raw)} bytes: a frame has at least {_HEADER.size + _CRC.size}")
    body, crc = raw[: -_CRC.size], _CRC.unpack(raw[-_CRC.size :])[0]
    if google_crc32c.value(body) != crc:
        raise WireFrameError(f"checksum {crc:#010x} does not fit the frame")
    version, kind, seq, boot_id = _HEADER.unpack_from(body)
    return WireFrame(kind, seq, boot_id, body[_HEADER.size :], version)


class FrameReader:
    """Finds frames in a stream of bytes and finds its way back after garbage.

    Attributes:
        bad: How many runs of bytes between zeros were no frame. The first run after the start is
            not counted: the stream was probably joined in the middle of a frame.
    """

    def __init__(self) -> None:
        self.bad = 0
        self._held = bytearray()
        self._first = True

    def feed(self, data: bytes) -> list[WireFrame]:
        """The frames that end in `data`, oldest first."""
        frames = []
        *ended, rest = data.split(DELIMITER)
        for part in ended:
            self._hold(part)
            frames += self._pop_frames()
        self._hold(rest)
        return frames

    def _hold(self, part: bytes) -> None:
        # One byte beyond the longest frame is enough to know that a run is too long.
        self._held += part[: STUFFED_MAX + 1 - len(self._held)]

    def _pop_frames(self) -> list[WireFrame]:
        stuffed = bytes(self._held)
        self._held.clear()
        if not stuffed:
            return []
        first, self._first = self._first, False
        try:
            return [decode(stuffed)]
        except WireFrameError:
            self.bad += not first
            return []
