"""Decodes a JPEG from a camera, and only if all of it has arrived.

A decoder makes up what is missing: FFmpeg's leaves the picture before in place, so that a child
who has left is still seen, libjpeg's fills with gray. A cut picture must not pass for a whole one.
"""

import re

from calmloop.camera.arrays import Picture, cv2, np

MAX_PIXELS = 1 << 25
"""More than any camera has; a forged head may claim 4 billion, which would fill the memory."""
START, END = b"\xff\xd8", b"\xff\xd9"
FILLER = 128
"""libjpeg makes blocks without data of this gray."""
FILLER_WITHIN = 8
CORNER_PX = 4
MORE_DATA = b"\x5a\xc3\x3c\xa5" * 64
FRAME_HEADS = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
SCAN = 0xDA
SCAN_START = b"\xff\xda"
RESTART = re.compile(rb"\xff([\xd0-\xd7])")
ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
"""Markers without a length."""


def decode_whole(data: bytes) -> Picture | None:
    """The picture (BGR, uint8), or None if it is cut, damaged, no JPEG, or too large."""
    pixels = _pixels(data)
    end = data.rfind(END)
    if pixels is None or not 0 < pixels <= MAX_PIXELS or end < 0 or _lacks_a_part(data[:end]):
        return None
    picture = _decode(data)
    if picture is None or (_may_end_in_filler(picture) and not _is_whole(data, end, picture)):
        return None
    return picture


def is_cut_jpeg(data: bytes) -> bool:
    """Whether a file's bytes begin as a JPEG and are none that `decode_whole` takes."""
    return data.startswith(START) and decode_whole(data) is None


def _pixels(data: bytes) -> int | None:
    """Width times height by the JPEG's head; None without a whole head."""
    at = 2
    while data.startswith(START) and at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker in FRAME_HEADS:
            height, width = (int.from_bytes(data[at + n : at + n + 2]) for n in (5, 7))
            return height * width
        if marker == SCAN:
            return None
        is_filler = marker == 0xFF
        length = 0 if marker in ALONE else int.from_bytes(data[at + 2 : at + 4])
        at += 1 if is_filler else 2 + length
    return None


def _lacks_a_part(data: bytes) -> bool:
    """Whether the restart markers of the last scan, numbered 0 to 7 in turn, have a gap."""
    turns = [mark[0] & 7 for mark in RESTART.findall(data.rpartition(SCAN_START)[2])]
    return turns != [n % 8 for n in range(len(turns))]


def _decode(data: bytes) -> Picture | None:
    # Not turned, so that what arrived last is at the lower right.
    as_it_lies = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        decoded = cv2.imdecode(np.frombuffer(data, np.uint8), as_it_lies)
    except cv2.error:
        return None
    return None if decoded is None else np.asarray(decoded, np.uint8)


def _may_end_in_filler(picture: Picture) -> bool:
    corner = picture[-CORNER_PX:, -CORNER_PX:].astype(np.int16)
    return bool(np.abs(corner - FILLER).max() <= FILLER_WITHIN)


def _is_whole(data: bytes, end: int, picture: Picture) -> bool:
    """Whether more data changes nothing: a decoder that lacked some would take it."""
    longer = _decode(data[:end] + MORE_DATA + data[end:])
    return longer is not None and np.array_equal(longer, picture)
