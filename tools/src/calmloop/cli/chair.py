"""`calmloop chair status|identify|arm|set|stop|watch|calibrate|flash`: for people at the bench."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from calmloop.base.errors import InputError
from calmloop.chair_link.errors import WireMessageError
from calmloop.chair_link.explanations import ARM_BLOCKS, FAULTS, NOT_CALIBRATED, STOPS
from calmloop.chair_link.frames import WireFrame
from calmloop.chair_link.messages import (
    CalibrationKind,
    Fault,
    Identity,
    Setpoint,
    Status,
    read_message,
)
from calmloop.cli.chair_bench import ChairBench
from calmloop.cli.chair_calibrate import calibrate
from calmloop.cli.chair_line import ChairError
from calmloop.cli.chair_options import (
    SETPOINT_TTL_MS,
    Nobody,
    Port,
    reached,
    refuse_unless_empty,
)
from calmloop.cli.failures import failures_reported

FUSES = {"lfuse": 0xFF, "hfuse": 0xC7, "efuse": 0xFC}
"""Crystal; WDTON, EESAVE and no bootloader; brown-out at 4.3 V (firmware/avr/README.md)."""
INTEL_HEX = re.compile(rb":(?:[0-9A-Fa-f]{2}){5,}")
HEX_END = b":00000001"
FOREVER_S = 10 * 365 * 86400.0

app = typer.Typer(
    help="The chair on the bench, over its serial line. The bridge must not be running.",
    no_args_is_help=True,
)

Seconds = Annotated[float, typer.Option(min=0.5, max=600)]
Percent = Annotated[float, typer.Option(min=0, max=100)]


@app.command()
def status(port: Port = "auto") -> None:
    """Shows the chair's newest STATUS, with its codes in plain words."""
    with reached(port) as bench:
        table = _status_table(bench.status)
        table.add_row("calibration", _calibration_of(bench))
        Console().print(table)


@app.command()
def identify(port: Port = "auto") -> None:
    """Asks the chair who it is. Exit code 1: it is not the one that this host expects."""
    with reached(port) as bench:
        bench.identify()
        identity = bench.link.identity
        assert identity is not None
        table = Table("", "", show_header=False)
        table.add_row("serial", identity.serial)
        table.add_row("firmware", identity.firmware)
        table.add_row("caps", f"{identity.cap_hash:#010x}")
        table.add_row("calibration", _calibration(identity))
        table.add_row("vibration at most", f"{identity.vibration_ceiling_permille / 10} % at 40 Hz")
        table.add_row("sound at most", f"{identity.sound_ceiling_permille / 10} %")
        Console().print(table)


@app.command()
def stop(port: Port = "auto") -> None:
    """Sends STOP until the chair confirms it. Exit code 1: it did not, press the red button."""
    with reached(port) as bench:
        bench.stop()
        Console().print(f"stopped: {bench.status.state.name}")


@app.command()
def arm(port: Port = "auto", seconds: Seconds = 5.0, nobody_in_the_chair: Nobody = False) -> None:
    """Arms the chair, keeps it ARMED for a while with leases of its own, and stops it."""
    refuse_unless_empty(nobody_in_the_chair)
    _session(port, seconds, None)


@app.command(name="set")
def set_outputs(
    port: Port = "auto",
    seconds: Seconds = 10.0,
    vibration: Percent = 0.0,
    hz: Annotated[float, typer.Option(min=30, max=80)] = 40.0,
    sound: Percent = 0.0,
    red: Percent = 0.0,
    green: Percent = 0.0,
    blue: Percent = 0.0,
    nobody_in_the_chair: Nobody = False,
) -> None:
    """Arms the chair, asks for these outputs for a while, and stops it. Percent of full scale."""
    refuse_unless_empty(nobody_in_the_chair)
    wanted = Setpoint(
        tag=1,
        vibration_dhz=round(hz * 10),
        vibration_permille=round(vibration * 10),
        sound_permille=round(sound * 10),
        red_permille=round(red * 10),
        green_permille=round(green * 10),
        blue_permille=round(blue * 10),
        ttl_ms=SETPOINT_TTL_MS,
    )
    _session(port, seconds, wanted)


def _session(port: str, seconds: float, setpoint: Setpoint | None) -> None:
    with reached(port, leasing=True) as bench:
        try:
            bench.arm()
            shown = ""
            for newest in bench.hold(seconds, setpoint):
                if (line := _outputs(newest)) != shown:
                    Console().print(line)
                    shown = line
        finally:
            bench.stop()
        Console().print(f"stopped: {bench.status.state.name}")


@app.command()
def watch(
    port: Port = "auto",
    seconds: Annotated[float, typer.Option(min=0.1, help="End after so long.")] = FOREVER_S,
) -> None:
    """Shows every frame of the chair, decoded, as it comes. Ctrl-C ends it."""
    console = Console()
    with reached(port) as bench:
        for _ in bench.events(seconds):
            for frame in bench.frames:
                console.print(f"{frame.seq:5} {_decoded(frame)}", soft_wrap=True, markup=False)
            bench.frames.clear()


app.command()(calibrate)


@app.command()
def flash(
    image: Annotated[
        Path, typer.Argument(help="The built .hex file.", exists=True, dir_okay=False)
    ],
    programmer: Annotated[str, typer.Option(help="As avrdude's -c takes it.")] = "usbasp",
    fuses: Annotated[
        bool, typer.Option(help="Write the fuses first, which erases the chip.")
    ] = True,
    dry_run: Annotated[bool, typer.Option(help="Print the commands, and run none.")] = False,
) -> None:
    """Programs the microcontroller by ISP with avrdude."""
    with failures_reported():
        if not dry_run and shutil.which("avrdude") is None:
            raise ChairError("avrdude is not installed: apt-get install avrdude")
        _check_image(image)
        for command in _flash_commands(image, programmer, fuses):
            typer.echo(shlex.join(command))
            if not dry_run and subprocess.run(command, check=False).returncode != 0:
                raise ChairError(f"avrdude failed: check the {programmer} and its wiring")


def _check_image(image: Path) -> None:
    """Avrdude erases the chip first, and takes a file of nothing for an image of nothing."""
    records = image.read_bytes().split()
    if not records or not all(INTEL_HEX.fullmatch(record) for record in records):
        raise InputError(f"{image} is no Intel HEX file: name the .hex that the build made")
    if not records[-1].startswith(HEX_END):
        raise InputError(f"{image} ends before its last record: build it anew, or copy it whole")


def _flash_commands(image: Path, programmer: str, fuses: bool) -> list[list[str]]:
    avrdude = ["avrdude", "-c", programmer, "-p", "m328p"]
    commands = [[*avrdude, "-U", f"flash:w:{image}:i"]]
    if fuses:
        writes = [("-U", f"{fuse}:w:0x{value:02X}:m") for fuse, value in FUSES.items()]
        commands.insert(0, [*avrdude, "-e", *(word for write in writes for word in write)])
    return commands


def _decoded(frame: WireFrame) -> str:
    try:
        return str(read_message(frame))
    except WireMessageError as error:
        return f"unreadable: {error}"


def _calibration_of(bench: ChairBench) -> str:
    try:
        bench.identify()
    except ChairError as failure:
        return f"unknown: {failure}"
    assert bench.link.identity is not None
    return _calibration(bench.link.identity)


def _calibration(identity: Identity) -> str:
    kind = f"{identity.calibration.name} {identity.calibration_hash:#x}"
    bare = identity.calibration is CalibrationKind.NONE
    return f"{kind}: {NOT_CALIBRATED}" if bare else kind


def _outputs(newest: Status) -> str:
    return (
        f"{newest.state.name}: vibration {newest.vibration_permille / 10} % at "
        f"{newest.vibration_dhz / 10} Hz, sound {newest.sound_permille / 10} %, light "
        f"{newest.red_permille / 10} {newest.green_permille / 10} {newest.blue_permille / 10} %"
    )


def _status_table(newest: Status) -> Table:
    table = Table("", "", show_header=False)
    table.add_row("state", newest.state.name)
    if newest.fault is not Fault.NONE:
        fault = FAULTS[newest.fault]
        table.add_row("fault", f"{newest.fault.name}: {fault.cause}; {fault.remedy}")
    table.add_row("last stop", STOPS[newest.stop_reason] or "none")
    table.add_row("arming", ARM_BLOCKS[newest.arm_block] or "nothing stands against it")
    table.add_row("outputs", _outputs(newest))
    table.add_row("inputs", newest.inputs.name or "none")
    table.add_row("supply", f"{newest.supply_mv / 1000} V, drivers {newest.current_ma} mA")
    table.add_row("session left", f"{newest.session_left_s} s")
    table.add_row("up", f"{newest.uptime_ms / 1000} s")
    table.add_row("bad frames, refused", f"{newest.bad_frames}, {newest.refused}")
    return table
