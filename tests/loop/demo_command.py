"""`calmloop demo` as a user starts it, and what its report says."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.processes import clean_environment

CALMLOOP = str(Path(sys.executable).parent / "calmloop")


def demo(tmp_path: Path, *arguments: str) -> dict[str, Any]:
    report = tmp_path / "report.json"
    command = [CALMLOOP, "demo", "--headless", "--no-sound", "--report", str(report), *arguments]
    finished = subprocess.run(
        command, env=clean_environment(), capture_output=True, text=True, timeout=110, check=False
    )
    assert finished.returncode == 0, finished.stderr[-2000:]
    assert "watch it on 127.0.0.1:" in finished.stderr
    seen: dict[str, Any] = json.loads(report.read_text())
    return seen


def run_demo(*arguments: str | Path, cwd: Path) -> tuple[int, str]:
    finished = subprocess.run(
        [CALMLOOP, "demo", "--headless", "--no-sound", *arguments],
        cwd=cwd,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert "Traceback" not in finished.stderr
    return finished.returncode, finished.stderr


def states(report: dict[str, Any]) -> list[str]:
    return [point["state"] for point in report["chair_states"]]
