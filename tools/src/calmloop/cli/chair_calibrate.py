"""`calmloop chair calibrate`: measures what full drive gives, and writes the chair's table.

The chair is driven as in any session, by ARM and SETPOINT under the ceilings that it has, empty and
only while somebody holds ACK; nothing is written before a person has seen the table, agreed, and
held ACK at the chair once more.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from calmloop.chair_link.calibration import CalibrationTable
from calmloop.chair_link.messages import Setpoint
from calmloop.cli.accelerometer import Accelerometer
from calmloop.cli.chair_bench import ChairBench
from calmloop.cli.chair_line import ChairError
from calmloop.cli.chair_options import (
    SETPOINT_TTL_MS,
    Nobody,
    Port,
    reached,
    refuse_unless_empty,
)
from calmloop.cli.failures import failures_reported
from calmloop.cli.measurements import MeasurementError, Measurements
from calmloop.cli.outputs import file_option
from calmloop.cli.sweep import (
    END_M_S2,
    FIRST_DRIVE_PERMILLE,
    DriveReading,
    SweepStep,
    first_pass,
    second_pass,
)

RISE_S, RISING_S = 5.5, 0.15
"""Zero to the ceiling takes 5 s."""
FIRMWARE_MINOR = 2
"""CALIBRATE with points came with firmware 1.2."""
SILENT = Setpoint(1, 400, 0, 0, 0, 0, 0, SETPOINT_TTL_MS)

Measure = Callable[[SweepStep], DriveReading]
"""Its drive is what the chair gave: less than was asked for, where its table allows no more."""


def calibrate(
    port: Port = "auto",
    accelerometer: Annotated[
        str | None,
        typer.Option(help="The port of an accelerometer that writes m/s² rms, a number a line."),
    ] = None,
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
        float, typer.Option(min=0.1, max=300, help="How long the sound is held to be measured.")
    ] = 15.0,
    settle: Annotated[
        float,
        typer.Option(
            min=0.05,
            max=10,
            help="Seconds from a drive to its reading, for resonances to build up.",
        ),
    ] = 1.0,
    nobody_in_the_chair: Nobody = False,
) -> None:
    """Sweeps the empty chair from 30 to 80 Hz in steps of 1 Hz, twice, and writes its table."""
    with failures_reported():
        measured = Measurements.begin(notes, from_file)
        if measured.missing and accelerometer is None:
            raise MeasurementError(
                f"{len(measured.missing)} frequencies from {measured.missing[0]} Hz on have no "
                "value: name the accelerometer's port with --accelerometer, or a CSV that has "
                "them with --from"
            )
        meter = Accelerometer(accelerometer) if accelerometer else None
    if measured.missing or measured.sound is None:
        refuse_unless_empty(nobody_in_the_chair)
    with _kept(measured), reached(port, leasing=True) as bench:
        _require_calibratable(bench)
        _calibrate(bench, measured, meter, seconds, settle)


def _calibrate(
    bench: ChairBench,
    measured: Measurements,
    meter: Accelerometer | None,
    seconds: float,
    settle: float,
) -> None:
    sweeping = bool(measured.missing)
    if sweeping:
        assert meter is not None
        with _driven(bench, "the first sweep, at 10 %") as hold:
            _sweep_first(measured, _measure_with(bench, hold, meter, settle))
    if measured.sound is None:
        _measure_sound(bench, measured, seconds)
    _write(bench, measured)
    if sweeping:
        assert meter is not None
        with _driven(bench, "the second sweep, as far up as the first allows") as hold:
            _sweep_second(measured, _measure_with(bench, hold, meter, settle))
        _write(bench, measured)


@contextmanager
def _kept(measured: Measurements) -> Iterator[None]:
    """However it ends, it says where the measured values are."""
    try:
        yield
    except (typer.Abort, typer.Exit, KeyboardInterrupt) as end:
        # Every question comes before the table is sent.
        nothing = "nothing was written to the chair; " if isinstance(end, typer.Abort) else ""
        typer.echo(f"\n{nothing}measured values are kept in {measured.path}, for --from")
        raise


def _require_calibratable(bench: ChairBench) -> None:
    bench.identify()
    identity = bench.link.identity
    assert identity is not None
    if identity.firmware_minor < FIRMWARE_MINOR:
        raise ChairError(
            f"firmware {identity.firmware} takes no calibration of this kind: flash 1.2 or newer "
            "with `calmloop chair flash`"
        )


# --- measuring ------------------------------------------------------------------------------

Hold = Callable[[Setpoint, float], int]


@contextmanager
def _driven(bench: ChairBench, what: str) -> Iterator[Hold]:
    """Armed while somebody holds ACK at the empty chair; stopped however it ends.

    Yields what holds one setpoint for so long and returns the drive that the chair then gave, in ‰.
    """
    typer.echo(f"\n{what}: nobody sits down; hold ACK at the chair. To let it go is to stop.")
    bench.wait_for_hand()
    try:
        bench.arm()

        def hold(wanted: Setpoint, for_s: float) -> int:
            for _ in bench.hold(for_s, wanted):
                pass
            return bench.status.vibration_permille or bench.status.sound_permille

        yield hold
    finally:
        bench.release_hand()
        bench.stop()


def _measure_with(bench: ChairBench, hold: Hold, meter: Accelerometer, settle: float) -> Measure:
    def measure(step: SweepStep) -> DriveReading:
        wanted = replace(SILENT, vibration_permille=step.drive_permille, vibration_dhz=10 * step.hz)
        end_s = time.monotonic() + RISE_S
        while (risen := hold(wanted, RISING_S)) != step.drive_permille:
            if time.monotonic() >= end_s:
                break
        given = hold(wanted, settle)
        if not 0 < risen == given <= step.drive_permille:
            raise ChairError(
                f"{step.hz} Hz: asked for {step.drive_permille / 10} %, the chair gave "
                f"{risen / 10} %, then {given / 10} %: start again with --from"
            )
        meter.forget()
        values = []
        for _ in range(2):  # the first may have begun before
            values.append(meter.read())
            hold(wanted, 0.05)
        return DriveReading(step.hz, given, max(values))

    return measure


def _sweep_first(measured: Measurements, measure: Measure) -> None:
    missing = set(measured.missing)
    for step in first_pass():
        if step.hz not in missing:
            continue
        reading = measure(step)
        if reading.m_s2 > END_M_S2:
            raise ChairError(
                f"{step.hz} Hz: {reading.m_s2:g} m/s² at {reading.drive_permille / 10} % drive, "
                f"and {END_M_S2:g} ends a sweep: turn the amplifier's gain down"
            )
        measured.add(reading)


def _sweep_second(measured: Measurements, measure: Measure) -> None:
    steps = second_pass(measured.calibration(), measured.highest())
    try:
        step = next(steps)
        while True:
            reading = measure(step)
            if reading.drive_permille != step.drive_permille:
                raise ChairError(
                    f"{step.hz} Hz: asked for {step.drive_permille / 10} %, the chair gave "
                    f"{reading.drive_permille / 10} %: start again with --from"
                )
            measured.add(reading)
            step = steps.send(reading.m_s2)
    except StopIteration:
        return


def _measure_sound(bench: ChairBench, measured: Measurements, seconds: float) -> None:
    """Drives the sound and asks what the meter shows, until that is plausible."""
    typer.confirm("\nThe loudest content plays at full volume?", default=True, abort=True)
    wanted = replace(SILENT, sound_permille=FIRST_DRIVE_PERMILLE)
    while True:
        with _driven(bench, "the sound, at 10 %") as hold:
            hold(wanted, RISE_S)
            typer.echo(f"measure now: it is held for {seconds:g} s")
            drive_permille = hold(wanted, seconds)
        prompt = "sound at the ear, dBA (empty: drive it again)"
        while answer := typer.prompt(prompt, "", show_default=False):
            try:
                return measured.add_sound(drive_permille, float(answer))
            except ValueError:
                typer.echo(f"{answer!r} is no number: write it as 52.4")
            except MeasurementError as error:
                typer.echo(str(error))


# --- writing --------------------------------------------------------------------------------


def _write(bench: ChairBench, measured: Measurements) -> None:
    calibration = measured.calibration()
    Console().print(_table(calibration))
    identity = bench.link.identity
    assert identity is not None
    if identity.calibration_hash == calibration.hash:
        typer.echo("the chair has this table already")
        return
    typer.confirm(f"Write this table to the chair {identity.serial}?", abort=True)
    typer.echo("Let ACK go at the empty chair, and hold it for 3 s.")
    if bench.calibrate(calibration.message()):
        typer.confirm(
            "It differs by more than three times from the one that the chair has. Is it right, and "
            "instrument and mounting in order?",
            abort=True,
        )
        typer.echo("Let ACK go once more, and hold it for 3 s.")
        if bench.calibrate(calibration.message(may_jump=True)):
            raise ChairError("the chair did not take it: start again with --from")
    if bench.identify_anew().calibration_hash != calibration.hash:
        raise ChairError(
            "the chair reports another table than the one written: look with `calmloop chair "
            "identify`, and calibrate again"
        )
    typer.echo(f"written and read back: calibration {calibration.hash:#010x}")
    typer.echo("Now measure at the ceilings, and sign the bench sheet (SAFETY.md, lines 12 to 14).")


def _table(calibration: CalibrationTable) -> Table:
    table = Table("", "at full drive, at most", "the chair's ceiling")
    for hz, mm_s2 in calibration.points:
        ceiling_pct = calibration.vibration_ceiling_ppm(1000 * hz) / 10_000
        table.add_row(f"{hz} Hz", f"{mm_s2 / 1000:g} m/s²", f"{ceiling_pct:.1f} %")
    ceiling_pct = calibration.sound_ceiling_permille / 10
    table.add_row("sound", f"{calibration.sound_ddba / 10:g} dBA", f"{ceiling_pct:.1f} %")
    return table
