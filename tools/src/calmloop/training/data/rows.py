"""Reads rows of comma-separated files, FER+ votes among them; refusals name file, line, value."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from calmloop.cli.tables import Row, read_table
from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.training.data.faces import DataError, IntArray, Usage
from calmloop.training.data.labels import FER_PLUS_COLUMNS

VOTES_FILE = "fer2013new.csv"
"""FER+'s own name for its list: one row for each row of ``fer2013.csv``, in its order."""


class Votes(NamedTuple):
    """Usage (N,) and votes (N, 10) of FER+'s rows."""

    usage: npt.NDArray[np.str_]
    votes: IntArray


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    """Line number and row of each row below the header; see ``read_table``.

    Raises:
        DataError: the header lacks one of the columns, a row ends before its last, or the file is
            no comma-separated text.
    """
    return read_table(path, columns, DataError)


def whole_number(text: str, column: str, path: Path, line: int) -> int:
    """The number in one cell.

    Raises:
        DataError: it holds none; the text names the cell.
    """
    try:
        return int(text)
    except ValueError as error:
        message = f"{path} line {line}: {column} is {text!r}, a whole number is expected"
        raise DataError(message) from error


def emotion_of(text: str, path: Path, line: int) -> int:
    """The emotion in one cell, 0 to 6.

    Raises:
        DataError: it holds none; the text names the cell.
    """
    emotion = whole_number(text, "emotion", path, line)
    if not 0 <= emotion < len(EMOTIONS):
        raise DataError(f"{path} line {line}: emotion is {emotion}, 0 to 6 is expected")
    return emotion


def usage_of(text: str, path: Path, line: int) -> str:
    """The part in one cell.

    Raises:
        DataError: it holds none; the text names the cell.
    """
    try:
        return Usage(text.strip()).value
    except ValueError as error:
        message = f"{path} line {line}: usage {text!r} is unknown; one of {', '.join(Usage)}"
        raise DataError(message) from error


def votes_of(row: dict[str, str], path: Path, line: int) -> list[int]:
    """The ten FER+ votes of a row.

    Raises:
        DataError: a cell holds none; the text names it.
    """
    return [whole_number(row[name], name, path, line) for name in FER_PLUS_COLUMNS]


def load_votes(path: Path) -> Votes:
    """All rows of a FER+ list.

    Raises:
        DataError: for a broken row.
    """
    usage, votes = [], []
    for line, row in read_rows(path, ("Usage", *FER_PLUS_COLUMNS)):
        usage.append(row["Usage"].strip())
        votes.append(votes_of(row, path, line))
    table = np.array(votes, dtype=np.int64).reshape(-1, len(FER_PLUS_COLUMNS))
    return Votes(np.array(usage, dtype=np.str_), table)
