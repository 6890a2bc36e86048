"""A device on a real engine that has releases, and a centre that says which it is to have."""

import json
import subprocess
import sys
from pathlib import Path

from calmloop.base.clock import SystemClock
from calmloop.fleet_page.health import ChairHealth
from calmloop.fleet_releases.desk import RolloutDesk
from tests.system.deployment import Deployment
from tests.unit.fleet_releases.repository_rig import RepositoryRig

CALMLOOP = Path(sys.executable).parent / "calmloop"
PROFILE = "/var/lib/calmloop/profiles/c7.yaml"
WRITE = f"mkdir -p $(dirname {PROFILE}) && echo 'ceiling_pct: {{}}' > {PROFILE}"
CHAIR, SOONER = "clinic-2-chair-7", "clinic-1-chair-2"
"""The device's name, and that of a chair to which the releases of these tests come before."""
FURTHER_RINGS = 3


class EngineDevice:
    """Driven by `calmloop device` alone."""

    def __init__(self, deployment: Deployment, home: Path, authority: Path) -> None:
        """Prepares it.

        Args:
            deployment: What the releases of this device run as.
            home: What it has of Calmloop.
            authority: Who has signed the certificates of the servers that it trusts.
        """
        self.deployment, self.home = deployment, home
        self._trusting = {**deployment.environment, "SSL_CERT_FILE": str(authority)}

    def run(self, *words: str | Path, trusting: bool = True) -> "subprocess.CompletedProcess[str]":
        """One command of it."""
        return subprocess.run(
            [CALMLOOP, "device", *words],
            env=self._trusting if trusting else self.deployment.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def does(self, *words: str | Path) -> str:
        """One command that is done; returns what it says."""
        done = self.run(*words, "--home", self.home)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def fails(self, *words: str | Path, trusting: bool = True) -> str:
        """One command that is not done; returns why."""
        done = self.run(*words, "--home", self.home, trusting=trusting)
        assert done.returncode == 1, done.stdout
        return done.stderr

    def doctor(self) -> tuple[str, str]:
        """What `calmloop device doctor` finds of the fleet: the grade, and in words."""
        looked = self.run("doctor", "--json", "--compose", self.home / "compose")
        (found,) = (f for f in json.loads(looked.stdout) if f["check"] == "fleet")
        return str(found["grade"]), str(found["text"])

    def learn(self, ceiling_pct: int) -> None:
        """Something of the child."""
        words = ("sh", "-c", WRITE.format(ceiling_pct))
        self.deployment.compose("exec", "-T", "scenario-selector", *words)

    @property
    def state(self) -> tuple[str, str]:
        """The version that runs, and what the selector has of the child."""
        image = str(self.deployment.container("scenario-selector").attrs["Config"]["Image"])
        learnt = self.deployment.compose("exec", "-T", "scenario-selector", "cat", PROFILE)
        return image.rpartition(":")[2], learnt.strip().removeprefix("ceiling_pct: ")


class ReleaseCentre(RepositoryRig):
    """The repository of two chairs' fleet, and what its container `releases` does when asked."""

    def __init__(self, folder: Path, installed: str) -> None:
        super().__init__(folder)
        fleet = [ChairHealth(name=name, version=installed) for name in (CHAIR, SOONER)]
        self.desk = RolloutDesk(self.served, self.keys, lambda: fleet, SystemClock().utc_now)

    def to_all(self) -> None:
        """As if each ring had been well for a day."""
        for _ in range(FURTHER_RINGS):
            self.desk.advance()
