"""A machine for the doctor: real files below a folder, real sockets, a `docker` program."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from calmloop.device.deployment import Deployment
from calmloop.device.finding import DeviceFinding, Grade
from calmloop.device.machine import Machine, run

COMPOSE = Path(__file__).resolve().parents[3] / "compose"
NOON = datetime(2100, 1, 1, 12, tzinfo=UTC)
DOCKER = """#!/bin/sh
case "$*" in
  "version "*) {version} ;;
  "compose version "*) echo {compose} ;;
  "ps "*) cat "$0.containers" ;;
  "stop "* | "start "*) echo "$@" >>"$0.called" ;;
  "compose run --rm -T init show caregiver")
    echo "$PWD" >"$0.where"; [ -n "{password}" ] && echo "{password}" ;;
  *) exit 9 ;;
esac
"""


class DeviceRig:
    """A folder that stands for `/`, and a deployment in it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.root.mkdir()
        self.compose = folder / "compose"
        self.compose.mkdir(mode=0o755)
        self.programs = folder / "programs"
        self.programs.mkdir()
        text = (COMPOSE / "compose.yaml").read_text()
        (self.compose / "compose.yaml").write_text(text)

    def deployment(self, **values: str) -> Deployment:
        """One whose `.env` has these values."""
        lines = [f"{name}={value}\n" for name, value in values.items()]
        (self.compose / ".env").write_text("".join(lines))
        return Deployment.read(self.compose, environment={})

    def machine(self, **other: Any) -> Machine:
        """One whose programs are those of this rig alone."""
        shell = f"{self.programs}:/bin:/usr/bin"
        path = shell if (self.programs / "docker").exists() else str(self.programs)
        given: dict[str, Any] = {"root": self.root, "run_program": partial(run, path=path)}
        return Machine(**(given | other))

    def write(self, path: str, text: str) -> None:
        """A file of the kernel's or of the system's."""
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n")

    def link(self, path: str, to: str) -> None:
        """Another name below the root for something real."""
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.symlink_to(to)

    def docker(
        self,
        *containers: dict[str, str],
        version: str = "echo 27.1",
        compose: str = "2.30.1",
        password: str = "",
    ) -> None:
        """A `docker` that answers this."""
        program = self.programs / "docker"
        program.write_text(DOCKER.format(version=version, compose=compose, password=password))
        program.chmod(0o755)
        lines = "".join(json.dumps(container) + "\n" for container in containers)
        program.with_name("docker.containers").write_text(lines)


@contextmanager
def listening() -> Iterator[int]:
    """Something that listens on a port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def graded(findings: Iterator[DeviceFinding], check: str) -> tuple[Grade, str]:
    """Grade and all words of the one finding of a check."""
    (found,) = (finding for finding in findings if finding.check == check)
    return found.grade, f"{found.text} {found.todo}"
