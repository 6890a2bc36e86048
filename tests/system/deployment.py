"""One running Compose project, driven as a person and a fault would drive it."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import docker
from docker.models.containers import Container

from tests.broker import free_ports

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = REPOSITORY / "compose"
CHAIR = "chair-1"
RETURN_S = 60.0
Seen = TypeVar("Seen")


def eventually(
    look: Callable[[], Seen | None], what: str, timeout_s: float = RETURN_S, pause_s: float = 0.1
) -> Seen:
    """The first thing seen that is true; for the engine's states, which announce nothing."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        seen = look()
        if seen:
            return seen
        time.sleep(pause_s)
    raise AssertionError(f"not within {timeout_s:g} s: {what}")


class Deployment:
    """A project of its own beside any other on this engine: own ports, networks and volumes."""

    def __init__(self, name: str, profile: str, folder: Path = FOLDER, **settings: str) -> None:
        self.name = name
        self.plain_port, self.tls_port, self.console_port = free_ports(3)
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("CALMLOOP_")},
            "COMPOSE_PROJECT_NAME": name,
            "COMPOSE_PROFILES": profile,
            "BROKER_PORT": str(self.plain_port),
            "BROKER_TLS_PORT": str(self.tls_port),
            "CONSOLE_PORT": str(self.console_port),
            "IMAGE_PREFIX": "calmloop-test",
            "HEALTH_INTERVAL": "2s",
            **settings,
        }
        self._folder = folder
        self._files = [folder / "compose.yaml"]
        self._engine = docker.from_env()

    def compose(self, *arguments: str, timeout_s: float = 300, **settings: str) -> str:
        """Runs one `docker compose` command; returns its stdout."""
        answer = self._run(arguments, timeout_s, settings)
        assert answer.returncode == 0, f"{arguments}: {answer.stderr[-3000:]}\n{self.tell()}"
        return answer.stdout

    def refused(self, *arguments: str, timeout_s: float = 300, **settings: str) -> str:
        """Runs one `docker compose` command that has to fail; returns what it says."""
        answer = self._run(arguments, timeout_s, settings)
        assert answer.returncode != 0, f"{arguments}: {answer.stdout}"
        return answer.stdout + answer.stderr

    def _run(
        self, arguments: tuple[str, ...], timeout_s: float, settings: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        files = [part for file in self._files for part in ("-f", str(file))]
        return subprocess.run(
            ["docker", "compose", *files, *arguments],
            cwd=self._folder,
            env={**self.environment, **settings},
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    @contextmanager
    def overridden_by(self, file: Path) -> Iterator[None]:
        """Has `compose` read a further file, as an integrator's override."""
        self._files.append(file)
        try:
            yield
        finally:
            self._files.remove(file)

    def down(self) -> None:
        """Removes everything that this project made."""
        self.compose("down", "--volumes", "--timeout", "2")

    def containers(self, service: str) -> list[Container]:
        """The containers of one service, running or not."""
        labels = [
            f"com.docker.compose.project={self.name}",
            f"com.docker.compose.service={service}",
            "com.docker.compose.oneoff=False",
        ]
        return self._engine.containers.list(all=True, filters={"label": labels})

    def container(self, service: str) -> Container:
        """The only container of one service."""
        (only,) = self.containers(service)
        return only

    def starts(self) -> dict[str, tuple[str, str]]:
        """By name of each container that runs: its id, and when it was started."""
        running = self._engine.containers.list(
            filters={"label": f"com.docker.compose.project={self.name}"}
        )
        return {str(c.name): (str(c.id), str(c.attrs["State"]["StartedAt"])) for c in running}

    def kill(self, service: str) -> float:
        """kill -9 of the main process from the host, which no restart policy takes for a wish.

        Returns:
            The time of the kill, in seconds of CLOCK_MONOTONIC.
        """
        pid = int(self.container(service).attrs["State"]["Pid"])
        killed_s = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        return killed_s

    def restarts(self, service: str) -> int:
        """How often the engine has started it again by itself."""
        return int(self.container(service).attrs["RestartCount"])

    def is_healthy(self, service: str) -> bool:
        """What the engine says of the container."""
        state = self.container(service).attrs["State"]
        return bool(state["Running"]) and state["Health"]["Status"] == "healthy"

    def await_return(self, service: str, restarts_before: int) -> None:
        """Returns when the engine has started the service again and it is healthy."""
        eventually(
            lambda: self.restarts(service) > restarts_before and self.is_healthy(service),
            f"{service} restarted and healthy again",
        )

    def password(self, account: str) -> str:
        """As the person who looks after the device gets it."""
        return self.compose("run", "--rm", "-T", "init", "show", account).strip()

    def password_of_service(self, service: str) -> str:
        """As the service itself reads it."""
        path = f"/run/accounts/{service}/password"
        return self.compose("exec", "-T", service, "cat", path).strip()

    def tell(self) -> str:
        """The last lines of every container's log, for a failed test's message."""
        logs = []
        for container in self._engine.containers.list(
            all=True, filters={"label": f"com.docker.compose.project={self.name}"}
        ):
            tail = container.logs(tail=8).decode(errors="replace")
            logs.append(f"--- {container.name} ({container.status})\n{tail}")
        return "\n".join(logs)


@contextmanager
def brought_up(
    name: str, changes: Path, profile: str = "sim", **settings: str
) -> Iterator[Deployment]:
    """`docker compose --profile … up --wait`, under a name of its own, with an override."""
    running = Deployment(f"calmloop-{name}-{os.getpid()}", profile, FOLDER, **settings)
    with running.overridden_by(changes):
        try:
            running.compose("up", "--detach", "--wait")
            yield running
        finally:
            running.down()
