"""`calmloop demo`: the whole loop on this machine, with a private broker."""

import signal
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from calmloop.base import logs as service_logs
from calmloop.base import settings
from calmloop.base.settings import LogLevel, LogSettings, ServiceSettings
from calmloop.cli.failures import failures_reported
from calmloop.cli.outputs import file_option, folder_option, write_text
from calmloop.demo.chair import ChairKind
from calmloop.demo.live import live_view
from calmloop.demo.report import DemoReport, HeartSeen, MovementSeen, VoiceSeen
from calmloop.demo.run import Demo, running_demo, working_folder
from calmloop.demo.source import absolute
from calmloop.demo.stack import StackOptions, stand_ins

FOREVER_S = 1e9


def demo(
    source: Annotated[
        str, typer.Option(help="Device, file, folder, address, or `sim`: the simulated child.")
    ] = "sim",
    seconds: Annotated[
        float | None, typer.Option(min=1, help="Ends after so long; counted once all is ready.")
    ] = None,
    headless: Annotated[bool, typer.Option(help="No live view.")] = False,
    report: Annotated[Path | None, file_option(help="Write what was seen as JSON.")] = None,
    chair: Annotated[
        ChairKind, typer.Option(help="The firmware's core, or the emulated microcontroller.")
    ] = ChairKind.POSIX,
    baseline_seconds: Annotated[
        float, typer.Option(min=2, max=60, help="Shorter than 30 s only for tests.")
    ] = 30.0,
    minutes: Annotated[float, typer.Option(min=1, max=30, help="Length of the session.")] = 15.0,
    slow_detector: Annotated[
        float, typer.Option(min=1, max=64, help="The face detector as on so much slower a CPU.")
    ] = 1.0,
    sound: Annotated[
        bool, typer.Option(help="Play soundscapes, into a recording; rendered the first time.")
    ] = True,
    instead: Annotated[
        list[str] | None,
        typer.Option(help="SERVICE=COMMAND runs in its place; empty: another's does its work."),
    ] = None,
    logs: Annotated[Path | None, folder_option(help="Keep the services' logs here.")] = None,
) -> None:
    """Runs the whole loop here: broker, chair, every service, and a caregiver who starts it.

    Ctrl-C stops the chair, ends it all and still reports.
    """
    console = Console(stderr=True)
    service_logs.configure(LogSettings(level=LogLevel.ERROR))
    # A background job ignores SIGINT; and SIGTERM should clean up as well.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with failures_reported():
        try:
            options = StackOptions(
                source=absolute(source),
                chair=chair,
                baseline_s=baseline_seconds,
                slow_detector=slow_detector,
                tracks=settings.load(ServiceSettings).tracks_dir if sound else None,
                instead=stand_ins(instead or ()),
            )
            seen = _run(options, logs, headless, minutes, seconds or FOREVER_S, console)
        except KeyboardInterrupt:
            console.print("stopped")
            raise typer.Exit(130) from None
        if report is not None:
            write_text(report, seen.model_dump_json(indent=2) + "\n")
    _summarise(seen, console)


def _run(
    options: StackOptions,
    logs: Path | None,
    headless: bool,
    minutes: float,
    seconds: float,
    console: Console,
) -> DemoReport:
    with working_folder(logs) as folder:
        console.print("starting broker, chair and services ...")
        with running_demo(options, folder, seconds, lambda: _render(options, console)) as running:
            port = running.stack.broker.port
            console.print(f"ready; any MQTT client can watch it on 127.0.0.1:{port}")
            console.print(_console_of(running), soft_wrap=True)
            return _session(running, headless, minutes, seconds, console)


def _console_of(running: Demo) -> str:
    # What hashes PINs is not loaded for every command.
    from calmloop.demo.login import add_demo_user  # noqa: PLC0415

    name, pin = add_demo_user(running.stack.folder / "console")
    address = f"http://127.0.0.1:{running.stack.console_port}/"
    return f"the caregiver's console: {address} (name '{name}', PIN {pin}, for this demo alone)"


def _render(options: StackOptions, console: Console) -> None:
    if options.tracks is None:
        return
    # The synthesis is not loaded for a demo without sound.
    from calmloop.demo.soundtracks import render_missing_tracks  # noqa: PLC0415

    render_missing_tracks(options.tracks, console)


def _session(
    running: Demo, headless: bool, minutes: float, seconds: float, console: Console
) -> DemoReport:
    try:
        running.start_session(minutes, console.print)
        _watch(running, headless, minutes, seconds)
        running.finish()
    except KeyboardInterrupt:
        running.caregiver.stop()
    return running.report()


def _watch(running: Demo, headless: bool, minutes: float, seconds: float) -> None:
    if headless:
        running.watch(seconds)
        return
    with live_view(running, minutes) as view:
        running.watch(seconds, view.turn)


def _summarise(seen: DemoReport, console: Console) -> None:
    table = Table(title="What was seen", show_header=False)
    emotions = ", ".join(f"{label} {count}" for label, count in sorted(seen.emotions.items()))
    states = " → ".join(point.state for point in seen.chair_states)
    table.add_row("frames, faces", f"{seen.frames}, {seen.faces}")
    table.add_row("emotions", emotions or "none")
    table.add_row("movement", _movement(seen.movement))
    table.add_row("heart", _heart(seen.heart))
    table.add_row("voice", _voice(seen.voice))
    table.add_row("sound", ", ".join(sorted(seen.sound.tracks)) or "none")
    table.add_row("cycles", str(len(seen.cycles)))
    table.add_row("setpoints", str(seen.setpoints))
    table.add_row("chair", states)
    table.add_row("refused messages", str(len(seen.rejected)))
    for name, value in seen.latency:
        if value is not None:
            text = f"p50 {value.p50_ms:.1f}  p95 {value.p95_ms:.1f}  p99 {value.p99_ms:.1f} ms"
            table.add_row(name.replace("_", " "), text)
    console.print(table)


def _movement(seen: MovementSeen) -> str:
    if seen.min_log_energy is None or seen.max_log_energy is None:
        return "unknown: " + (", ".join(sorted(seen.unknown)) or "nothing was heard")
    return f"log energy {seen.min_log_energy:.1f} to {seen.max_log_energy:.1f}, {seen.camera_kind}"


def _heart(seen: HeartSeen) -> str:
    if seen.min_bpm is None or seen.max_bpm is None:
        return "unknown: " + (", ".join(sorted(seen.unknown)) or "nothing was heard")
    return f"{seen.min_bpm:.0f} to {seen.max_bpm:.0f} a minute, {seen.source_kind}"


def _voice(seen: VoiceSeen) -> str:
    if seen.max_above_floor_db is None:
        return "unknown: " + (", ".join(sorted(seen.unknown)) or "nothing was heard")
    return f"up to {seen.max_above_floor_db:.0f} dB above the room, {seen.source_kind}"
