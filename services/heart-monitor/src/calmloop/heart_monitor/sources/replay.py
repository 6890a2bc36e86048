"""A recording: a CSV file with a line of names, played by its own times."""

import csv
import math
from collections.abc import Generator, Sequence
from enum import StrEnum
from pathlib import Path

from pydantic import Field

from calmloop.base.clock import monotonic_s
from calmloop.base.errors import ConfigurationError, DeviceError
from calmloop.contract.messages.base import SignalKind
from calmloop.heart_monitor.lines import INTERVAL, MEANINGS, TIME, number
from calmloop.heart_monitor.reading import Reading
from calmloop.heart_monitor.sources.source import READ_S, SourceContext, SourceSection

MAX_GAP_S = 60.0
"""A step of the times over this is a fault of theirs, and not waited for."""
MAX_BEHIND_S = 1.0
"""A recording that is further behind its own times goes on from where it is."""
MAX_ROWS = 512
"""So many are read at a time."""
MAX_CELL_CHARACTERS = 10_000


class AtEnd(StrEnum):
    """What happens at the end of the file."""

    LOOP = "loop"
    ONCE = "once"


class ReplaySection(SourceSection):
    """A recording, as CSV."""

    backend = "replay"

    file: Path | None = Field(None, description="A CSV file whose first line names its columns.")
    playback: AtEnd = Field(AtEnd.LOOP, description="Again and again, or once.")

    def load(self, context: SourceContext) -> "ReplaySource":
        """See `SourceSection.load`."""
        if self.file is None:
            raise ConfigurationError(
                "heart_monitor.replay.file: is not set, and source is replay: name a CSV file"
            )
        return ReplaySource(self.file, self.playback, context)


class ReplaySource:
    """Reads row by row, so that a day's recording takes no more memory than a minute's."""

    source_kind = SignalKind.RECORDED

    def __init__(self, file: Path, playback: AtEnd, context: SourceContext) -> None:
        self.origin = str(file)
        self._file, self._playback = file, playback
        self._clock, self._pause = context.clock, context.pause
        self._columns = context.columns
        self._rows: Generator[dict[str, str]] | None = None
        self._next: tuple[float, dict[str, str]] | None = None
        self._stamp_s = math.nan
        self._play_s = self._began_s = 0.0

    def open(self) -> None:
        """Opens the file and reads its names.

        Raises:
            DeviceError: it cannot be read, or has no column that gives the rows their time.
        """
        self.close()
        self._rows = _rows(self._file)
        self._stamp_s, self._play_s = math.nan, 0.0
        self._next = self._step()
        self._began_s = monotonic_s(self._clock)
        if self._next is None:
            raise DeviceError(f"{self.origin} has no rows: check heart_monitor.replay.file")

    def read(self) -> Sequence[Reading] | None:
        """The rows that are due; None at the end of one that is played once.

        Raises:
            DeviceError: the file cannot be read on.
        """
        if self._next is None:
            if self._playback is AtEnd.ONCE:
                return None
            if self._play_s < READ_S:
                # One of no length, played again and again, would take a core for itself.
                self._pause(READ_S)
            self.open()
        readings: list[Reading] = []
        for _ in range(MAX_ROWS):
            if self._next is None or self._early_s(self._next[0]) > 0.0:
                break
            readings += self._columns.readings(self._clock.monotonic_ns(), self._next[1])
            self._next = self._step()
        if not readings and self._next is not None:
            self._pause(min(READ_S, max(0.0, self._early_s(self._next[0]))))
        return readings

    def close(self) -> None:
        """Lets the file go."""
        if self._rows is not None:
            self._rows.close()
        self._rows = self._next = None

    def _early_s(self, due_s: float) -> float:
        early_s = self._began_s + due_s - monotonic_s(self._clock)
        if early_s < -MAX_BEHIND_S:
            self._began_s -= early_s
            return 0.0
        return early_s

    def _step(self) -> tuple[float, dict[str, str]] | None:
        """The next row and when it is due, in seconds since the first."""
        row = next(self._rows, None) if self._rows is not None else None
        if row is None:
            return None
        self._play_s += self._step_s(row)
        return self._play_s, row

    def _step_s(self, row: dict[str, str]) -> float:
        values = {MEANINGS.get(name.lower()): number(text) for name, text in row.items()}
        if TIME not in values:
            return max(0.0, _finite(values.get(INTERVAL, 0.0)) / 1000)
        before_s, self._stamp_s = self._stamp_s, values[TIME]
        step_s = self._stamp_s - before_s
        return step_s if 0.0 <= step_s <= MAX_GAP_S else 0.0


def _finite(value: float) -> float:
    return value if math.isfinite(value) and value <= 1000 * MAX_GAP_S else 0.0


def _rows(path: Path) -> Generator[dict[str, str]]:
    """The rows of a file, each with the names of its columns; what stands beyond them is left out.

    Raises:
        DeviceError: it cannot be read, or its first line names neither a time nor an interval.
    """
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, skipinitialspace=True)
            names = [name.strip() for name in next(reader, [])]
            _check_names(path, names)
            for cells in reader:
                yield dict(zip(names, cells, strict=False))
    except (OSError, ValueError, csv.Error) as error:
        raise DeviceError(
            f"{path} cannot be read ({error}): check heart_monitor.replay.file"
        ) from None


def _check_names(path: Path, names: list[str]) -> None:
    if not {MEANINGS.get(name.lower()) for name in names} & {TIME, INTERVAL}:
        raise DeviceError(
            f"{path}: its first line names neither a column time_s nor one rr_ms: write that line"
        )
