"""Reads tables as people and their programs save them.

Excel puts a BOM first, writes semicolons or tabs where the comma is for decimals, and leaves rows
of empty cells; others put blanks after the commas of the header. What cannot be read is refused
with file, line and what to do.
"""

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from calmloop.base.errors import CalmloopError, InputError

DELIMITERS = ",;\t"
SEPARATOR_LINE = re.compile(r"sep=(.)", re.IGNORECASE)
"""Excel's own first line, which names the separator."""
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

Row = tuple[int, dict[str, str]]
"""The number of a line, and its cells by column, without blanks around them."""


def read_table(
    path: Path,
    columns: Sequence[str],
    error: type[CalmloopError] = InputError,
    *,
    whole_rows: bool = True,
) -> Iterator[Row]:
    """The rows below the header, empty ones left out.

    Args:
        path: A table with a header.
        columns: Which it must have; capitals and blanks in its header do not count.
        error: What to raise.
        whole_rows: Whether a row that ends early is refused, or its other cells are empty.

    Raises:
        CalmloopError: of the kind asked for: the file cannot be read, is no table, lacks a column,
            or a row has too few or too many cells.
    """
    with _opened(path, error) as file:
        header, reader, above = _header(file, path, error)
        places = _places(path, header, columns, error)
        while (cells := _next(reader, path, above, error)) is not None:
            line = above + reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if whole_rows and len(cells) <= max(places.values()):
                raise error(f"{path} line {line}: the row ends before its last column")
            if any(cell.strip() for cell in cells[len(header) :]):
                raise error(
                    f"{path} line {line}: the row has {len(cells)} cells and the header"
                    f" {len(header)}; write decimals with a point, and text with commas in quotes"
                )
            padded = [*cells, *[""] * len(header)]
            yield line, {name: padded[place].strip() for name, place in places.items()}


def _next(reader: Any, path: Path, above: int, error: type[CalmloopError]) -> list[str] | None:
    last = above + reader.line_num
    try:
        cells: list[str] | None = next(reader, None)
    except (csv.Error, UnicodeError) as fault:
        raise error(
            f"{path} after line {last}: no comma-separated text ({fault}); look"
            " there for a quote that is not closed, or save the file as UTF-8"
        ) from fault
    return cells


def columns_of(path: Path, error: type[CalmloopError] = InputError) -> list[str]:
    """The names in a table's header, without blanks around them; none for an empty file.

    Raises:
        CalmloopError: of the kind asked for: the file cannot be read, or is no text.
    """
    with _opened(path, error) as file:
        return _header(file, path, error)[0]


@contextmanager
def _opened(path: Path, error: type[CalmloopError]) -> Iterator[TextIO]:
    try:
        with path.open("rb") as raw:
            encoding = "utf-16" if raw.read(2) in UTF16 else "utf-8-sig"
        file = path.open(newline="", encoding=encoding)
    except OSError as fault:
        raise error(f"{path} cannot be read ({fault.strerror}): check its name") from fault
    with file:
        yield file


def _header(file: TextIO, path: Path, error: type[CalmloopError]) -> tuple[list[str], Any, int]:
    """The first line that is not empty, a reader of what is below it, and the lines above."""
    try:
        begin, above, delimiter = _begin(file)
    except UnicodeError as fault:
        raise error(f"{path} is no comma-separated text ({fault}): save it as UTF-8") from fault
    file.seek(begin)
    reader = csv.reader(file, delimiter=delimiter)
    names = _next(reader, path, above, error) or []
    return [name.strip() for name in names], reader, above


def _begin(file: TextIO) -> tuple[int, int, str]:
    """Where the header begins, the number of lines above it, and what stands between its cells."""
    begin, above = file.tell(), 0
    named = ""
    while line := file.readline():
        if found := SEPARATOR_LINE.fullmatch(line.strip()):
            named = found[1]
        elif line.strip():
            break
        begin, above = file.tell(), above + 1
    return begin, above, named or max(DELIMITERS, key=line.count)


def _places(
    path: Path, header: list[str], columns: Sequence[str], error: type[CalmloopError]
) -> dict[str, int]:
    found = [name.casefold() for name in header]
    missing = [name for name in columns if name.casefold() not in found]
    if missing:
        raise error(
            f"{path} lacks the column(s) {', '.join(sorted(missing))}; it has"
            f" {', '.join(header) or 'none'}"
        )
    twice = [name for name in columns if found.count(name.casefold()) > 1]
    if twice:
        raise error(f"{path} has the column {twice[0]} twice: remove one")
    return {name: found.index(name.casefold()) for name in columns}
