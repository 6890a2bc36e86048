"""Where a person calibrates a simulated chair."""

from pathlib import Path

from typer.testing import CliRunner, Result

from calmloop.cli.chair import app
from calmloop.cli.measurements import Measurements
from tests.unit.chair_link.posix_chair import PosixChair

EMPTY = "--nobody-in-the-chair"
WRITTEN = "written and read back: calibration"


def write_csv(path: Path, full_m_s2: float = 2.0, *, but: tuple[str, ...] = ()) -> Path:
    values = {str(hz): full_m_s2 / 10 for hz in range(30, 81)} | {"sound": 52.4}
    rows = [f"{what},10.0,{measured}" for what, measured in values.items() if what not in but]
    path.write_text("\n".join(["what,drive_pct,measured", *rows, ""]))
    return path


def table_in(path: Path) -> int:
    """The hash of the table that a file of values gives."""
    return Measurements.begin(path, path).calibration().hash


class Desk:
    """Where a person calls the command, with notes of their own."""

    def __init__(self, chair: PosixChair, folder: Path) -> None:
        self.notes = folder / "notes.csv"
        self._port = ["--port", chair.address, "--notes", str(self.notes), "--seconds", "1"]

    def calibrate(self, *words: str, answers: str = "") -> Result:
        runner = CliRunner(env={"COLUMNS": "200"})
        return runner.invoke(app, ["calibrate", *self._port, *words], input=answers)

    def known_hash(self, chair: PosixChair) -> str:
        """The calibration that the chair says it has."""
        result = CliRunner().invoke(app, ["identify", "--port", chair.address])
        return next(line for line in result.output.splitlines() if "calibration" in line)


def driven(chair: PosixChair) -> bool:
    return any(output.state in ("ARMED", "ACTIVE") or output.felt for output in chair.outputs)
