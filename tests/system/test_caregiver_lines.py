"""The lines of compose/README.md, as they stand there, in a shell: stop, lower, reset, start."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.system.caregiver import ARM_PATIENCE_S, Caregiver, feels_something
from tests.system.deployment import FOLDER, Deployment

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

CLIENT = """#!/bin/sh
exec docker compose exec -T --env XDG_CONFIG_HOME=/nowhere broker {name} "$@"
"""


class Lines:
    """Runs the README's lines where mosquitto's clients are: in the broker's container."""

    def __init__(self, deployment: Deployment, folder: Path) -> None:
        readme = (FOLDER / "README.md").read_text()
        blocks: list[str] = re.findall(r"```sh\n(login=.*?)```", readme, re.DOTALL)
        assert blocks, "the caregiver's lines are gone from compose/README.md"
        self._preamble, _, commands = blocks[0].partition("\n\n")
        self._commands = dict(
            (name.strip(), line)
            for line, _, name in (text.rpartition("#") for text in commands.splitlines())
        )
        for name in ("mosquitto_pub", "mosquitto_sub"):
            client = folder / name
            client.write_text(CLIENT.format(name=name))
            client.chmod(0o755)
        path = f"{folder}:{deployment.environment['PATH']}"
        self._environment = {**deployment.environment, "PATH": path}

    def run(self, name: str) -> None:
        subprocess.run(
            ["bash", "-euc", f"{self._preamble}\n{self._commands[name]}"],
            cwd=FOLDER,
            env=self._environment,
            check=True,
            timeout=60,
        )


@pytest.fixture
def lines(deployment: Deployment, tmp_path: Path) -> Lines:
    return Lines(deployment, tmp_path)


def test_a_caregiver_stops_resets_starts_and_lowers_with_mosquitto_s_clients_alone(
    lines: Lines, caregiver: Caregiver
) -> None:
    bus = caregiver.bus

    lines.run("stop")
    bus.wait_for("stop/state", lambda s: s["latched"])
    lines.run("stopped?")

    bus.wait_for("stop/state", lambda s: not s.get("blockers"), ARM_PATIENCE_S)
    lines.run("reset")
    bus.wait_for("stop/state", lambda s: not s["latched"])

    bus.wait_for("chair/state", lambda s: bool(s.get("arm_ready")), ARM_PATIENCE_S)
    caregiver.await_face()
    lines.run("start")
    bus.wait_for("chair/state", lambda s: s["mode"] == "active", ARM_PATIENCE_S)
    before = bus.wait_for("session/state", lambda s: s["intensity_pct"] > 0, ARM_PATIENCE_S)

    lines.run("lower")
    bus.wait_for("session/state", lambda s: s["intensity_pct"] < before["intensity_pct"])

    lines.run("stop")
    caregiver.await_latch()
    bus.wait_for("chair/state", lambda s: s["mode"] == "safe" and not feels_something(s))
