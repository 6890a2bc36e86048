"""Measured values of one chair, and the CSV file that keeps them while a person goes on measuring.

    what,drive_pct,measured
    30,10.0,0.115
    sound,10.0,52.4

`what` is a frequency in Hz (m/s² rms) or `sound` (dBA); the drive is what STATUS reported.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from calmloop.chair_link.calibration import (
    FREQUENCIES_HZ,
    Calibration,
    Implausible,
    full_acceleration_mm_s2,
    full_sound_ddba,
)
from calmloop.cli.outputs import write_text
from calmloop.cli.tables import columns_of, read_table
from calmloop.errors import InputError

SOUND = "sound"
PLACES = (*(str(hz) for hz in FREQUENCIES_HZ), SOUND)
"""What is to be measured, in order."""
COLUMNS = ("what", "drive_pct", "measured")


class BadMeasurement(InputError):
    """A measured value, or a file of them, that cannot be used."""


@dataclass(frozen=True)
class Measurement:
    """One value that a person read off an instrument, and the drive that gave it.

    Attributes:
        what: One of `PLACES`.
        full: What full drive gives: mm/s2 rms, or tenths of dBA.
    """

    what: str
    drive_permille: int
    measured: float
    full: int

    @classmethod
    def of(cls, what: str, drive_permille: int, measured: float) -> Self:
        """A measurement that is plausible.

        Raises:
            BadMeasurement: it is not; the text says what would be.
        """
        if what not in PLACES:
            raise BadMeasurement(f"{what!r} is not to be measured: {', '.join(PLACES)} are")
        if not 1 <= drive_permille <= 1000:
            raise BadMeasurement(f"{what}: drive {drive_permille / 10} %: it is 0.1 to 100 %")
        to_full = full_sound_ddba if what == SOUND else full_acceleration_mm_s2
        try:
            return cls(what, drive_permille, measured, to_full(measured, drive_permille))
        except Implausible as error:
            raise BadMeasurement(f"{what}: {error}") from None


class Notes:
    """The measurements so far, written to a file at once, so that nothing is lost."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._taken: dict[str, Measurement] = {}

    def take(self, measurement: Measurement) -> None:
        """Notes one down; a newer one of the same replaces it."""
        self._taken[measurement.what] = measurement
        lines = [",".join(COLUMNS)]
        for what in PLACES:
            if taken := self._taken.get(what):
                lines.append(f"{what},{taken.drive_permille / 10},{taken.measured}")
        write_text(self.path, "\n".join(lines) + "\n")

    def __getitem__(self, what: str) -> Measurement:
        return self._taken[what]

    @property
    def missing(self) -> list[str]:
        """What has still to be measured, in order."""
        return [what for what in PLACES if what not in self._taken]

    def calibration(self) -> Calibration:
        """The table; nothing may be missing."""
        *acceleration, sound = (self._taken[what].full for what in PLACES)
        return Calibration(tuple(acceleration), sound)


def read_measurements(path: Path) -> list[Measurement]:
    """The measurements in a file; not all have to be there.

    Raises:
        BadMeasurement: the file is of another form, or a value is not plausible.
    """
    if not set(COLUMNS) <= set(columns_of(path, BadMeasurement)):
        raise BadMeasurement(f"{path}: its first line is {','.join(COLUMNS)}")
    rows = read_table(path, COLUMNS, BadMeasurement, whole_rows=False)
    return [_read_row(path, line, row) for line, row in rows]


def _number(text: str) -> float:
    """With a decimal comma, too, where another character stands between the cells."""
    return float(text.replace(",", "."))


def _read_row(path: Path, number: int, row: dict[str, str]) -> Measurement:
    try:
        drive_permille = round(_number(row["drive_pct"]) * 10)
        return Measurement.of(row["what"], drive_permille, _number(row["measured"]))
    except (TypeError, ValueError, OverflowError) as error:
        raise BadMeasurement(f"{path}:{number}: {error}: enter a number such as 0.12") from None
    except BadMeasurement as error:
        raise BadMeasurement(f"{path}:{number}: {error}") from None
