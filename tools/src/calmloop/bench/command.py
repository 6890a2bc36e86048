"""`calmloop bench`: the loop, its cores in one process, and a peer, on one clip in one run."""

import json
import os
import platform
import subprocess
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from calmloop.annotate.choice import YuNetOption, detector_with
from calmloop.base import logs
from calmloop.base.errors import DeviceError, InputError
from calmloop.base.settings import LogLevel, LogSettings
from calmloop.bench import clip, one_process, slowest
from calmloop.bench.one_process import OneProcess
from calmloop.cli.failures import failures_reported
from calmloop.cli.outputs import file_option, write_text
from calmloop.contract.topics import Account
from calmloop.demo.report import DemoReport
from calmloop.demo.run import running_demo
from calmloop.demo.source import look_at
from calmloop.demo.stack import StackOptions
from calmloop.face_detector import load_detector

ROOT = Path(__file__).parents[4]
PEER_PYTHON = ROOT / ".venv-bench" / "bin" / "python"
PEER = Path(__file__).with_name("peer.py")
CLIP_S = 10.0
LATENCY_FACTOR, LATENCY_EXTRA_MS = 1.5, 15.0
"""Aim: the loop's p95 is at most 1.5 times one process' p95, and 15 ms."""
BUS_CPU_MS = 6.0
"""Aim: processor time a frame that the loop's stages spend beyond one process."""
STAGES = {
    Account.CAMERA,
    Account.FACE_DETECTOR,
    Account.EMOTION_CLASSIFIER,
    Account.SCENARIO_SELECTOR,
    Account.ACTUATOR_BRIDGE,
    Account.SAFETY_WATCHDOG,
}


def bench(
    source: Annotated[Path | None, typer.Option(help="A clip; else the simulated child's.")] = None,
    seconds: Annotated[float, typer.Option(min=5, help="For the loop and for one process.")] = 30.0,
    peer: Annotated[bool, typer.Option(help="Measure the `fer` package's loop as well.")] = True,
    yunet: YuNetOption = None,
    report: Annotated[Path | None, file_option(help="Write the metrics as JSON.")] = None,
) -> None:
    """Measures latency and processor time per frame, beside a bound and beside a peer.

    Absolute times differ from machine to machine and from run to run; the comparisons are
    made in one run.
    """
    console = Console()
    logs.configure(LogSettings(level=LogLevel.ERROR))
    with failures_reported(), tempfile.TemporaryDirectory(prefix="calmloop-bench-") as name:
        folder = Path(name)
        played = _looked_at(source) if source else _rendered(folder)
        console.print("one process ...", style="bright_black")
        alone = one_process.measure(played, seconds)
        console.print("the loop ...", style="bright_black")
        loop = _loop(played, folder / "loop", seconds)
        console.print("the peer ...", style="bright_black")
        other = _peer(played) if peer else None
        console.print("slower processors ...", style="bright_black")
        held = _slowdowns(played, yunet)
    _show(console, str(source or "the simulated child"), alone, loop, other)
    _show_slowdowns(console, held)
    if report is not None:
        metrics = {
            "machine": _machine(),
            "one_process": {**asdict(alone), "latency": alone.latency.model_dump()},
            "loop": loop.model_dump(include={"frames", "cpu_ms_per_frame", "latency"}),
            "peer": other,
            "slowdown_with_5_readings_a_second": held,
        }
        with failures_reported():
            write_text(report, json.dumps(metrics, indent=2) + "\n")


def _looked_at(source: Path) -> str:
    if not source.is_file():
        raise InputError(f"{source} is not there or is no file: name one video file")
    return look_at(str(source.resolve()))


def _rendered(folder: Path) -> str:
    target = folder / "child.mp4"
    clip.render(target, CLIP_S)
    return str(target)


def _loop(source: str, folder: Path, seconds: float) -> DemoReport:
    options = StackOptions(source=source, baseline_s=2.0, warm_up_s=0.0)
    with running_demo(options, folder, seconds) as demo:
        demo.start_session(minutes=30)
        demo.begin()
        demo.watch(seconds)
        return demo.report()


def _slowdowns(played: str, yunet: Path | None) -> dict[str, float]:
    sections = [detector_with(None)] + ([detector_with(yunet)] if yunet else [])
    return {load_detector(section).name: slowest.slowest(played, section) for section in sections}


def _show_slowdowns(console: Console, held: dict[str, float]) -> None:
    title = f"slowdown of the processor with {slowest.ENOUGH_A_SECOND:g} readings a second"
    table = Table(title=title, title_justify="left")
    table.add_column("detector")
    table.add_column("at most", justify="right")
    for name, slowdown in held.items():
        table.add_row(name, f"{slowdown:.1f}")
    console.print(table)


def _peer(source: str) -> dict[str, Any]:
    if not PEER_PYTHON.exists():
        raise DeviceError("the peer is not installed: run `make bench`, or add --no-peer")
    finished = subprocess.run(
        [PEER_PYTHON, PEER, source, "1"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    if finished.returncode != 0:
        raise DeviceError(f"the peer failed: {finished.stderr[-500:]}")
    metrics: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
    return metrics


def _show(
    console: Console,
    source: str,
    alone: OneProcess,
    loop: DemoReport,
    other: dict[str, Any] | None,
) -> None:
    console.print(f"\n{_machine()}\nclip: {source}\n")
    _show_latency(console, alone, loop)
    total_ms = sum(loop.cpu_ms_per_frame.values())
    stages_ms = sum(ms for name, ms in loop.cpu_ms_per_frame.items() if name in STAGES)
    table = Table(title="processor time a frame, ms", title_justify="left")
    table.add_column("what")
    table.add_column("ms", justify="right")
    table.add_column("aim")
    for service, used_ms in sorted(loop.cpu_ms_per_frame.items()):
        table.add_row(service, f"{used_ms:.2f}", "")
    most_ms = alone.cpu_ms_per_frame + BUS_CPU_MS
    aim = _aim(f"at most {most_ms:.1f}", stages_ms <= most_ms)
    table.add_row("the stages of the loop", f"{stages_ms:.2f}", aim)
    table.add_row("all services", f"{total_ms:.2f}", "")
    table.add_row("the same cores in one process", f"{alone.cpu_ms_per_frame:.2f}", "")
    table.add_row("JPEG encoding, in camera above", f"{alone.encode_ms_per_frame:.2f}", "")
    if other is not None:
        peer_ms = other["cpu_ms_per_frame"]
        aim = _aim("more than all services", total_ms < peer_ms)
        table.add_row("fer's own video loop", f"{peer_ms:.2f}", aim)
    console.print(table)


def _show_latency(console: Console, alone: OneProcess, loop: DemoReport) -> None:
    table = Table(title="latency from a frame's capture, ms", title_justify="left")
    for heading in ("to", "p50", "p95", "p99", "aim for p95"):
        table.add_column(heading, justify="left" if heading in ("to", "aim for p95") else "right")
    bound_ms = LATENCY_FACTOR * alone.latency.p95_ms + LATENCY_EXTRA_MS
    rows = {
        "one process: setpoint": (alone.latency, ""),
        "loop: face": (loop.latency.camera_to_face, ""),
        "loop: emotion": (loop.latency.camera_to_emotion, ""),
        "loop: setpoint": (loop.latency.camera_to_setpoint, f"at most {bound_ms:.1f}"),
        "loop: setpoint to chair": (loop.latency.setpoint_to_applied, ""),
    }
    for name, (value, aim) in rows.items():
        if value is not None:
            shown = _aim(aim, value.p95_ms <= bound_ms) if aim else ""
            percentiles = (f"{number:.1f}" for number in (value.p50_ms, value.p95_ms, value.p99_ms))
            table.add_row(name, *percentiles, shown)
    console.print(table)


def _aim(text: str, met: bool) -> str:
    return f"{text}: [green]met" if met else f"{text}: [red]missed"


def _machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    cpu = next(names, platform.machine())
    python = f"Python {platform.python_version()}"
    return f"{cpu}, {os.cpu_count()} cores, Linux {platform.release()}, {python}"
