"""Records in the raw bytes of a damaged database and its write-ahead log.

Whatever still looks like a row of a table's leaf page is handed out; whether it is one, its seal
tells. Formats: https://www.sqlite.org/fileformat2.html, sections 1.6, 2.1 and 4.1.
"""

from collections.abc import Iterator
from pathlib import Path

from calmloop.session_log.schema import PAGE_BYTES

Value = int | str | bytes | None
HEADER_BYTES = 100
"""Of the database, at the start of its first page."""
WAL_HEADER_BYTES, FRAME_HEADER_BYTES = 32, 24
MAX_CELLS = 256
"""Of ours a row is longer than 16 bytes."""
MAX_COLUMNS = 10
MAX_PAYLOAD = 1_000_000
INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
"""Serial type of a record: bytes of a number."""


class RawPages:
    """The pages of a database, then those of its write-ahead log: the newest row comes last."""

    def __init__(self, database: Path, wal: Path) -> None:
        self._database = database
        self._frames: list[tuple[int, bytes]] = list(_frames(wal))
        self._newest = dict(self._frames)

    def records(self) -> Iterator[tuple[int, list[Value]]]:
        """Row id and columns of all that look like rows, damaged ones too."""
        with self._database.open("rb") as file:
            number = 0
            while page := file.read(PAGE_BYTES):
                number += 1
                yield from self._rows(page, HEADER_BYTES if number == 1 else 0)
        for number, page in self._frames:
            yield from self._rows(page, HEADER_BYTES if number == 1 else 0)

    def _rows(self, page: bytes, at: int) -> Iterator[tuple[int, list[Value]]]:
        """Neither its kind nor its count is believed: a bit of them would cost a page of rows."""
        if len(page) < PAGE_BYTES:
            return
        for place in range(at + 8, at + 8 + 2 * MAX_CELLS, 2):
            start = int.from_bytes(page[place : place + 2], "big")
            if not place < start < PAGE_BYTES:
                continue
            try:
                yield self._row(page, start)
            except (ValueError, IndexError, UnicodeDecodeError):
                continue

    def _row(self, page: bytes, at: int) -> tuple[int, list[Value]]:
        size, at = _varint(page, at)
        row_id, at = _varint(page, at)
        if not 0 < size <= MAX_PAYLOAD:
            raise ValueError("no payload is so large")
        return row_id, _columns(self._payload(page, at, size))

    def _payload(self, page: bytes, at: int, size: int) -> bytes:
        """What stands in the page, and in the pages that it goes on in."""
        most = PAGE_BYTES - 35
        if size <= most:
            return page[at : at + size]
        least = (PAGE_BYTES - 12) * 32 // 255 - 23
        here = least + (size - least) % (PAGE_BYTES - 4)
        here = least if here > most else here
        found = page[at : at + here]
        following = int.from_bytes(page[at + here : at + here + 4], "big")
        while len(found) < size:
            rest = self._page(following)
            found += rest[4 : 4 + size - len(found)]
            following = int.from_bytes(rest[:4], "big")
        return found

    def _page(self, number: int) -> bytes:
        if page := self._newest.get(number):
            return page
        if number < 1:
            raise ValueError("there is no such page")
        with self._database.open("rb") as file:
            file.seek((number - 1) * PAGE_BYTES)
            page = file.read(PAGE_BYTES)
        if len(page) < PAGE_BYTES:
            raise ValueError("the file ends before that page")
        return page


def _frames(wal: Path) -> Iterator[tuple[int, bytes]]:
    """Page number and page of each frame of its last turn, those behind a damaged one too."""
    if not wal.exists():
        return
    with wal.open("rb") as file:
        head = file.read(WAL_HEADER_BYTES)
        salts = {head[16:24]}
        while len(frame := file.read(FRAME_HEADER_BYTES + PAGE_BYTES)) > FRAME_HEADER_BYTES:
            if len(salts) == 1 and file.tell() <= WAL_HEADER_BYTES + len(frame):
                # The first frame is always of the last turn: the header may be damaged.
                salts.add(frame[8:16])
            if frame[8:16] in salts:
                page = frame[FRAME_HEADER_BYTES:].ljust(PAGE_BYTES, b"\0")
                yield int.from_bytes(frame[:4], "big"), page


def _varint(page: bytes, at: int) -> tuple[int, int]:
    value = 0
    for offset in range(9):
        byte = page[at + offset]
        if offset == 8:
            return (value << 8) | byte, at + 9
        value = (value << 7) | (byte & 0x7F)
        if byte < 0x80:
            return value, at + offset + 1
    raise ValueError("no number")


def _columns(payload: bytes) -> list[Value]:
    end, at = _varint(payload, 0)
    kinds = []
    while at < end:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    if len(kinds) > MAX_COLUMNS:
        raise ValueError("no table has so many columns")
    values: list[Value] = []
    at = end
    for kind in kinds:
        value, size = _value(payload, at, kind)
        values.append(value)
        at += size
    return values


def _value(payload: bytes, at: int, kind: int) -> tuple[Value, int]:
    if kind == 0:
        return None, 0
    if kind in INTEGERS:
        size = INTEGERS[kind]
        return int.from_bytes(payload[at : at + size], "big", signed=True), size
    if kind in (8, 9):
        return kind - 8, 0
    if kind < 12:
        raise ValueError("no column has this type")
    size = (kind - 12) // 2
    data = payload[at : at + size]
    if len(data) < size:
        raise ValueError("the record is cut short")
    return (data.decode() if kind % 2 else data), size
