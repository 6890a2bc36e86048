"""Measured values of one chair, and the CSV file that keeps them while the measuring goes on.

    what,drive_pct,measured
    30,10.0,0.115
    sound,10.0,52.4

`what` is a frequency in Hz (m/s² rms) or `sound` (dBA); the drive is what STATUS reported. A
frequency may stand there more than once, with other drives.
"""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Self

from calmloop.base.errors import InputError
from calmloop.chair_link.bounding import SWEEP_HZ
from calmloop.chair_link.calibration import CalibrationTable, full_sound_ddba
from calmloop.chair_link.errors import ImplausibleError
from calmloop.cli.outputs import write_text
from calmloop.cli.sweep import DriveReading, full_mm_s2, missing, points_of
from calmloop.cli.tables import columns_of, read_table

SOUND = "sound"
COLUMNS = ("what", "drive_pct", "measured")
PERMILLE = range(1, 1001)


class MeasurementError(InputError):
    """A measured value, or a file of them, that cannot be used."""


class Measurements:
    """What was measured so far, written to a file at once, so that nothing is lost."""

    def __init__(self, path: Path, readings: Iterable[DriveReading] = ()) -> None:
        self.path = path
        self.readings = list(readings)
        self.sound: tuple[int, float] | None = None
        """Drive in per mille, and dBA."""

    @classmethod
    def begin(cls, path: Path, from_file: Path | None) -> Self:
        """Those of a file, kept in `path` from now on.

        Raises:
            MeasurementError: there is another file at `path`, or the one read is of another form.
        """
        if path.exists() and path != from_file:
            raise MeasurementError(
                f"{path} exists: go on with --from {path}, or keep the values elsewhere with "
                "--notes"
            )
        measurements = cls(path)
        if from_file:
            measurements._read(from_file)
        return measurements

    def add(self, reading: DriveReading) -> None:
        """Notes one reading down."""
        self.readings.append(reading)
        self._write()

    def add_sound(self, drive_permille: int, dba: float) -> None:
        """Notes the sound level down.

        Raises:
            MeasurementError: it is not plausible.
        """
        self._hear(drive_permille, dba)
        self._write()

    def _hear(self, drive_permille: int, dba: float) -> None:
        try:
            full_sound_ddba(dba, drive_permille)
        except ImplausibleError as error:
            raise MeasurementError(f"{SOUND}: {error}") from None
        self.sound = (drive_permille, dba)

    @property
    def missing(self) -> list[int]:
        """The frequencies that have still to be measured, in Hz."""
        return missing(self.readings)

    def highest(self) -> dict[int, DriveReading]:
        """For each frequency measured, in Hz, the reading of its highest drive."""
        rising = sorted(self.readings, key=lambda reading: reading.drive_permille)
        return {reading.hz: reading for reading in rising}

    def calibration(self) -> CalibrationTable:
        """The table; nothing may be missing.

        Raises:
            MeasurementError: what was measured is not plausible; the text says why.
        """
        assert self.sound is not None
        drive_permille, dba = self.sound
        try:
            return CalibrationTable(points_of(self.readings), full_sound_ddba(dba, drive_permille))
        except ImplausibleError as error:
            raise MeasurementError(str(error)) from None

    def _write(self) -> None:
        rows = [f"{r.hz},{r.drive_permille / 10},{r.m_s2}" for r in self.readings]
        if self.sound:
            rows.append(f"{SOUND},{self.sound[0] / 10},{self.sound[1]}")
        write_text(self.path, "\n".join([",".join(COLUMNS), *rows]) + "\n")

    def _read(self, path: Path) -> None:
        if not set(COLUMNS) <= set(columns_of(path, MeasurementError)):
            raise MeasurementError(f"{path}: its first line is {','.join(COLUMNS)}")
        for line, row in read_table(path, COLUMNS, MeasurementError, whole_rows=False):
            self._read_row(f"{path}:{line}", row)

    def _read_row(self, where: str, row: dict[str, str]) -> None:
        try:
            drive_permille = round(_number(row["drive_pct"]) * 10)
            measured = _number(row["measured"])
        except (TypeError, ValueError, OverflowError) as error:
            raise MeasurementError(f"{where}: {error}: enter a number such as 0.12") from None
        if drive_permille not in PERMILLE:
            raise MeasurementError(f"{where}: drive {row['drive_pct']} %: it is 0.1 to 100 %")
        try:
            self._add_row(row["what"].strip(), drive_permille, measured)
        except (MeasurementError, ImplausibleError) as error:
            raise MeasurementError(f"{where}: {error}") from None

    def _add_row(self, what: str, drive_permille: int, measured: float) -> None:
        if what == SOUND:
            self._hear(drive_permille, measured)
            return
        hz = None
        with suppress(ValueError):
            hz = int(what)
        if hz not in SWEEP_HZ:
            raise MeasurementError(
                f"{what!r} is not to be measured: {SWEEP_HZ[0]} to {SWEEP_HZ[-1]} in whole Hz, and "
                f"{SOUND}, are"
            )
        assert hz is not None
        reading = DriveReading(hz, drive_permille, measured)
        full_mm_s2([reading])
        self.readings.append(reading)


def _number(text: str) -> float:
    """With a decimal comma, too, where another character stands between the cells."""
    return float(text.replace(",", "."))
