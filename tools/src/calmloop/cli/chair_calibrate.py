"""`calmloop chair calibrate`: measures what full drive gives, and writes the chair's table.

The chair is driven as in any session, by ARM and SETPOINT under the ceilings that it has; nothing
is written before a person has seen the table, agreed, and pressed ACK at the chair.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from calmloop.chair_link.calibration import Calibration
from calmloop.chair_link.messages import Setpoint
from calmloop.cli.chair_bench import ChairBench, ChairFailure
from calmloop.cli.chair_options import (
    SETPOINT_TTL_MS,
    Nobody,
    Port,
    reached,
    refuse_unless_empty,
)
from calmloop.cli.failures import failures_told
from calmloop.cli.measurements import (
    PLACES,
    SOUND,
    BadMeasurement,
    Measurement,
    Notes,
    read_measurements,
)
from calmloop.cli.outputs import file_option

DRIVE_PERMILLE = 100
"""No more than what an unmeasured chair allows (PROTOCOL.md, section 6)."""
RISE_S = 5.5
"""Zero to the ceiling takes 5 s."""
FIRMWARE_MINOR = 1
"""CALIBRATE came with firmware 1.1."""
SILENT = Setpoint(1, 400, 0, 0, 0, 0, 0, SETPOINT_TTL_MS)


def calibrate(
    port: Port = "auto",
    from_file: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="Measured values as CSV (what,drive_pct,measured); the rest is measured.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    notes: Annotated[Path, file_option(help="Where each measured value is kept at once.")] = Path(
        "calibration.csv"
    ),
    seconds: Annotated[
        float, typer.Option(min=1, max=300, help="How long each drive is held to be measured.")
    ] = 15.0,
    nobody_in_the_chair: Nobody = False,
) -> None:
    """Measures the chair at 10 % drive, shows the table, and writes it with ACK pressed."""
    with failures_told():
        taken = _begin(notes, from_file)
    if taken.missing:
        refuse_unless_empty(nobody_in_the_chair)
    with _kept(taken), reached(port, leasing=True) as bench:
        _require_calibratable(bench)
        for what in taken.missing:
            taken.take(_measured(bench, what, seconds))
        _write(bench, taken)


@contextmanager
def _kept(notes: Notes) -> Iterator[None]:
    """However it ends, it says where the measured values are."""
    try:
        yield
    except (typer.Abort, typer.Exit, KeyboardInterrupt) as end:
        # Every question comes before the table is sent.
        nothing = "nothing was written to the chair; " if isinstance(end, typer.Abort) else ""
        typer.echo(f"\n{nothing}measured values are kept in {notes.path}, for --from")
        raise


def _begin(path: Path, from_file: Path | None) -> Notes:
    if path.exists() and path != from_file:
        raise BadMeasurement(
            f"{path} exists: go on with --from {path}, or keep the values elsewhere with --notes"
        )
    notes = Notes(path)
    for measurement in read_measurements(from_file) if from_file else ():
        notes.take(measurement)
    return notes


def _require_calibratable(bench: ChairBench) -> None:
    bench.identify()
    identity = bench.link.identity
    assert identity is not None
    if identity.firmware_minor < FIRMWARE_MINOR:
        raise ChairFailure(
            f"firmware {identity.firmware} takes no calibration over the line: flash 1.1 or newer "
            "with `calmloop chair flash`"
        )


# --- measuring ------------------------------------------------------------------------------


def _measured(bench: ChairBench, what: str, seconds: float) -> Measurement:
    """Drives the chair and asks what the instrument shows, until that is plausible."""
    if what == SOUND:
        typer.confirm("\nThe loudest content plays at full volume?", default=True, abort=True)
    while True:
        drive_permille = _drive(bench, what, seconds)
        unit = "sound at the ear, dBA" if what == SOUND else f"acceleration at {what} Hz, m/s² rms"
        while answer := typer.prompt(f"{unit} (empty: drive it again)", "", show_default=False):
            try:
                return Measurement.of(what, drive_permille, float(answer))
            except ValueError:
                typer.echo(f"{answer!r} is no number: write it as 0.12")
            except BadMeasurement as error:
                typer.echo(str(error))


def _drive(bench: ChairBench, what: str, seconds: float) -> int:
    """Holds one output for so long and stops; returns the level that the chair gave, in per mille.

    Raises:
        ChairFailure: the chair ended it, or the level did not stay.
    """
    wanted = (
        replace(SILENT, sound_permille=DRIVE_PERMILLE)
        if what == SOUND
        else replace(SILENT, vibration_permille=DRIVE_PERMILLE, vibration_dhz=10 * int(what))
    )
    typer.echo(f"\n{what}{'' if what == SOUND else ' Hz'}: waiting for the chair, then it rises")
    try:
        bench.arm()
        for _ in bench.hold(RISE_S, wanted):
            pass
        typer.echo(f"measure now: it is held for {seconds:g} s")
        levels = {
            status.sound_permille if what == SOUND else status.vibration_permille
            for status in bench.hold(seconds, wanted)
        }
    finally:
        bench.stop()
    if len(levels) != 1 or levels == {0}:
        shown = ", ".join(f"{level / 10} %" for level in sorted(levels)) or "nothing"
        raise ChairFailure(f"the drive did not stay, it gave {shown}: start again")
    return levels.pop()


# --- writing --------------------------------------------------------------------------------


def _write(bench: ChairBench, notes: Notes) -> None:
    calibration = notes.calibration()
    Console().print(_table(notes, calibration))
    identity = bench.link.identity
    assert identity is not None
    typer.confirm(f"Write this table to the chair {identity.serial}?", abort=True)
    typer.echo("Press ACK at the chair.")
    bench.calibrate(calibration.message)
    if bench.identify_anew().calibration_hash != calibration.hash:
        raise ChairFailure(
            "the chair reports another table than the one written: look with `calmloop chair "
            "identify`, and calibrate again"
        )
    typer.echo(f"written and read back: calibration {calibration.hash:#010x}")
    typer.echo("Now measure at the ceilings, and sign the bench sheet (SAFETY.md, lines 12 to 14).")


def _table(notes: Notes, calibration: Calibration) -> Table:
    table = Table("", "drive", "measured", "at full drive", "the chair's ceiling")
    ceilings = (*calibration.vibration_ceilings_permille, calibration.sound_ceiling_permille)
    for what, ceiling in zip(PLACES, ceilings, strict=True):
        taken = notes[what]
        name, unit, full = (
            ("sound", "dBA", taken.full / 10)
            if what == SOUND
            else (f"{what} Hz", "m/s²", taken.full / 1000)
        )
        table.add_row(
            name,
            f"{taken.drive_permille / 10} %",
            f"{taken.measured:g} {unit}",
            f"{full:g} {unit}",
            f"{ceiling / 10} %",
        )
    return table
