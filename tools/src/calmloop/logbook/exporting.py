"""The log as tables in files: CSV, JSON Lines, or Parquet where pyarrow is installed."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

from calmloop.base.errors import InputError
from calmloop.cli.outputs import whole_file
from calmloop.session_log import LogEvent, LogReader, LogSample, SessionSummary

PAGE = 1000
ROWS_TOGETHER = 5000
EVERY_MS = 1 << 62


class ExportFormat(StrEnum):
    """What files it writes."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


Row = dict[str, Any]
COLUMNS: dict[str, tuple[str, ...]] = {
    "sessions": tuple(SessionSummary.model_fields),
    "events": tuple(LogEvent.model_fields),
    "samples": ("session", "child", *LogSample.model_fields),
}
TEXTS = {"id", "child", "session", "began", "ended", "mode", "scenario", "end_change"} | {
    "end_reason",
    "kind",
    "text",
    "data",
    "by",
    "at",
    "emotion",
}
WHOLE = {"at_ms", "began_ms", "ended_ms"}


def export(reader: LogReader, code: str | None, kind: ExportFormat, folder: Path) -> dict[str, int]:
    """Writes sessions, events and samples, a file each; returns how many of each.

    Raises:
        InputError: Parquet was asked for, and there is nothing that writes it.
        UnknownRecordError: nothing is kept of that child.
        OutputError: a file cannot be written.
    """
    write = WRITERS[kind]
    if kind is ExportFormat.PARQUET:
        _arrow()
    tables = {
        "sessions": (session.model_dump(mode="json") for session in sessions(reader, code)),
        "events": _events(reader, code),
        "samples": _samples(reader, code),
    }
    return {name: write(folder / f"{name}.{kind}", name, rows) for name, rows in tables.items()}


def sessions(reader: LogReader, code: str | None) -> Iterator[SessionSummary]:
    """Sessions, the newest first."""
    before_ms: int | None = None
    while True:
        found = reader.sessions(code, before_ms, PAGE)
        yield from found
        if len(found) < PAGE:
            return
        before_ms = found[-1].began_ms


def _events(reader: LogReader, code: str | None) -> Iterator[Row]:
    for event in reader.all_events():
        if code is None or event.child == code:
            yield {**event.model_dump(mode="json"), "data": _text(event.data)}


def _samples(reader: LogReader, code: str | None) -> Iterator[Row]:
    for session in sessions(reader, code):
        found, _, _ = reader.samples(session.id, 0, EVERY_MS)
        for sample in found:
            yield {"session": session.id, "child": session.child, **sample.model_dump()}


def _write_csv(path: Path, name: str, rows: Iterable[Row]) -> int:
    count, line = 0, io.StringIO(newline="")
    with whole_file(path) as file:
        table = csv.DictWriter(line, COLUMNS[name])
        table.writeheader()
        for row in rows:
            table.writerow({key: _harmless(value) for key, value in row.items()})
            count += 1
            file.write(line.getvalue().encode())
            line.seek(0)
            line.truncate()
        file.write(line.getvalue().encode())
    return count


def _write_json(path: Path, name: str, rows: Iterable[Row]) -> int:
    count = 0
    with whole_file(path) as file:
        for row in rows:
            file.write(_text({key: row.get(key) for key in COLUMNS[name]}).encode() + b"\n")
            count += 1
    return count


def _write_parquet(path: Path, name: str, rows: Iterable[Row]) -> int:
    arrow, parquet = _arrow()
    schema = arrow.schema([(key, _type(arrow, name, key)) for key in COLUMNS[name]])
    count, left = 0, iter(rows)
    with whole_file(path) as file, parquet.ParquetWriter(file, schema) as table:
        while some := list(islice(left, ROWS_TOGETHER)):
            columns = [arrow.array([row.get(f.name) for row in some], f.type) for f in schema]
            table.write_table(arrow.Table.from_arrays(columns, schema=schema))
            count += len(some)
    return count


def _type(arrow: Any, table: str, key: str) -> Any:
    if key in WHOLE or (table == "events" and key == "id"):
        return arrow.int64()
    return arrow.string() if key in TEXTS else arrow.float64()


def _arrow() -> tuple[Any, Any]:
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        raise InputError(
            "Parquet needs pyarrow, which is not installed: `pip install pyarrow` in this"
            " environment, or export csv or json"
        ) from None


def _harmless(value: Any) -> Any:
    """No cell begins as a formula does: https://owasp.org/www-community/attacks/CSV_Injection."""
    risky = isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r")
    return f"'{value}" if risky else value


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


WRITERS: dict[ExportFormat, Callable[[Path, str, Iterable[Row]], int]] = {
    ExportFormat.CSV: _write_csv,
    ExportFormat.JSON: _write_json,
    ExportFormat.PARQUET: _write_parquet,
}
