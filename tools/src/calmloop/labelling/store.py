"""LABELS.csv: written whole at each answer and put in place at once, so that nothing is lost."""

import csv
import io
import os
import threading
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from calmloop.agreement.answers import ITEM, UNSURE, Rater
from calmloop.base.errors import InputError
from calmloop.base.whole_files import explained
from calmloop.cli.outputs import OutputError, write_text
from calmloop.cli.tables import columns_of, read_table

COLUMNS = [ITEM, Rater.EXPERT.value]


class LabelsError(InputError):
    """LABELS.csv cannot be used; the message names file, line, value and the next step."""


class ExpertAnswer(StrEnum):
    """What an expert can say of a segment."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"
    UNSURE = UNSURE


class LabelStore:
    """One expert's answers to one clip's segments. Callable from several threads."""

    def __init__(self, path: Path, items: Sequence[str]) -> None:
        """Goes on with the answers that the file has, or begins it.

        Raises:
            LabelsError: it cannot be read or written, or is of another clip.
        """
        self.path = path.resolve()
        self._items = list(items)
        self._lock = threading.Lock()
        self._undoable: list[tuple[str, ExpertAnswer | None]] = []
        self._given = _read(self.path, set(items))
        self._seen = _content(self.path)
        self._write(self._given)

    def answers(self) -> list[ExpertAnswer | None]:
        """The answer to each segment, in the clip's order; None where it is still open."""
        with self._lock:
            return [self._given.get(item) for item in self._items]

    def give(self, number: int, answer: ExpertAnswer) -> None:
        """Answers segment `number`, again if need be; it is on the disk when this returns.

        Raises:
            LabelsError: it cannot be written; then nothing has changed.
        """
        item = self._items[number]
        with self._lock:
            before = self._given.get(item)
            self._write(self._given | {item: answer})
            self._undoable.append((item, before))

    def undo(self) -> int | None:
        """Takes the last answer of this run back; its segment, or None if there is none.

        Raises:
            LabelsError: it cannot be written; then nothing has changed.
        """
        with self._lock:
            if not self._undoable:
                return None
            item, before = self._undoable[-1]
            others = {other: given for other, given in self._given.items() if other != item}
            self._write(others if before is None else others | {item: before})
            self._undoable.pop()
            return self._items.index(item)

    def _write(self, given: dict[str, ExpertAnswer]) -> None:
        if _content(self.path) not in (self._seen, None):
            raise LabelsError(
                f"{self.path} was changed by another program: end this one with Ctrl-C and start"
                " it again; it goes on from what the file holds"
            )
        rows = [(item, given[item].value) for item in self._items if item in given]
        try:
            _replace(self.path, rows)
        except OSError as error:
            raise LabelsError(explained(error, str(self.path), "written")) from error
        except OutputError as error:
            raise LabelsError(str(error)) from error
        self._given, self._seen = given, _content(self.path)


def _read(path: Path, items: set[str]) -> dict[str, ExpertAnswer]:
    if not path.exists():
        return {}
    if not path.is_file():
        raise LabelsError(f"{path} is no plain file: name a file for the labels")
    if columns_of(path, LabelsError) != COLUMNS:
        raise LabelsError(f"{path} has not the columns {','.join(COLUMNS)}: name another file")
    given: dict[str, ExpertAnswer] = {}
    for line, row in read_table(path, COLUMNS, LabelsError, whole_rows=False):
        place = f"{path} line {line}"
        item, answer = row[ITEM], row[Rater.EXPERT.value]
        if answer not in set(ExpertAnswer):
            raise LabelsError(
                f"{place}: '{item},{answer}' is not an item and one of {', '.join(ExpertAnswer)}:"
                " correct it, or name another file"
            )
        if item not in items:
            raise LabelsError(
                f"{place}: {item!r} is no segment of this clip: name the file of this clip, or"
                " give --every as when it was begun"
            )
        given[item] = ExpertAnswer(answer)
    return given


def _replace(path: Path, rows: list[tuple[str, str]]) -> None:
    """The new file is complete on the disk before it takes the old one's name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([COLUMNS, *rows])
    write_text(path, text.getvalue())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
