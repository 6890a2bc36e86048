"""The deployment's containers, and whether they may be stopped: never under a child."""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from calmloop.base.errors import CalmloopError, NotConnectedError
from calmloop.base.settings import MqttSettings, ServiceSettings
from calmloop.caregiver import CaregiverClient, connected
from calmloop.contract.messages.chair import ChairMode, ChairState
from calmloop.contract.messages.session import Phase, SessionState
from calmloop.contract.topics import Account
from calmloop.device.deployment import Deployment
from calmloop.device.machine import Machine

GIVEN_UP_S = 3.0
"""States come once a second: who is silent for longer is not there."""
MOVING = frozenset({ChairMode.ARMED, ChairMode.ACTIVE, ChairMode.RAMPDOWN})
BY_HAND = "`docker compose stop` once nobody sits in the chair, then try again"


class DeviceBusyError(CalmloopError):
    """The device is not left alone: someone may sit in the chair."""


class _Given(ServiceSettings):
    """What it is given alone: the environment may name the broker of another chair."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Nothing but the arguments."""
        return (init_settings,)


def containers_of(machine: Machine, deployment: Deployment) -> list[dict[str, str]]:
    """What `docker ps` says of each; none where Docker does not answer."""
    words = ["docker", "ps", "--all", "--format", "{{json .}}"]
    words += ["--filter", f"label=com.docker.compose.project={deployment.project}"]
    listed = machine.run(words)
    try:
        return [dict(json.loads(line)) for line in listed.out.splitlines() if listed.status == 0]
    except (ValueError, TypeError):
        return []


def running(machine: Machine, deployment: Deployment) -> list[str]:
    """The ids of those that run or try to, the oldest first: the broker before who needs it."""
    told = reversed(containers_of(machine, deployment))
    return [c["ID"] for c in told if c.get("State") in ("running", "restarting", "paused")]


@contextmanager
def standing_still(
    machine: Machine, deployment: Deployment, ask: Callable[[Deployment], str] | None = None
) -> Iterator[list[str]]:
    """Stops the containers for as long as the context is open; hands over those that it stopped.

    Args:
        machine: With Docker on it.
        deployment: Whose containers.
        ask: Says why the chair may not be left now; nothing: it may.

    Raises:
        DeviceBusyError: a session runs, the chair is armed, or nobody says how it is; nothing was
            stopped then. Or Docker does not stop one.
    """
    ids = running(machine, deployment)
    if ids:
        why = ask(deployment) if ask else why_busy(machine, deployment)
        if why:
            raise DeviceBusyError(f"{why}: nothing was done")
        stopped = machine.run(["docker", "stop", *ids])
        if stopped.status != 0:
            machine.run(["docker", "start", *ids])
            raise DeviceBusyError(f"the services do not stop ({stopped.said}): {BY_HAND}")
    yield ids


def start(machine: Machine, ids: list[str]) -> None:
    """Starts what was stopped.

    Raises:
        DeviceBusyError: it does not start.
    """
    if ids:
        started = machine.run(["docker", "start", *ids])
        if started.status != 0:
            raise DeviceBusyError(
                f"the services do not start again ({started.said}): `docker compose up -d`"
            )


def why_busy(machine: Machine, deployment: Deployment) -> str:
    """Asks the deployment's own broker as its caregiver; nothing: nobody is in the chair's way."""
    words = ["docker", "compose", "run", "--rm", "-T", "init", "show", Account.CAREGIVER]
    told = machine.run(words, deployment.folder)
    if told.status != 0 or not told.out:
        return f"the caregiver's password is not to be had ({told.said[-200:]}): {BY_HAND}"
    with tempfile.TemporaryDirectory() as folder:
        password = Path(folder) / "password"
        password.touch(mode=0o600)
        password.write_text(told.out)
        mqtt = MqttSettings(
            port=deployment.number("BROKER_PORT") or 0,
            username=Account.CAREGIVER,
            password_file=password,
        )
        chair_id = deployment.values.get("CALMLOOP_CHAIR_ID", "")
        return why_busy_on(_Given(chair_id=chair_id, mqtt=mqtt))


def why_busy_on(settings: ServiceSettings) -> str:
    """The same, of a broker."""
    try:
        with connected(settings) as client:
            known = client.await_seen(lambda: _known(client), GIVEN_UP_S)
            return _why(*(known or (client.seen.session, client.seen.chair)))
    except NotConnectedError as error:
        return f"{error}; nobody says how the chair is: {BY_HAND}"


def _known(client: CaregiverClient) -> tuple[SessionState, ChairState] | None:
    session, chair = client.seen.session, client.seen.chair
    return (session, chair) if session and chair else None


def _why(session: SessionState | None, chair: ChairState | None) -> str:
    if chair is not None and chair.mode in MOVING:
        return f"the chair is {chair.mode}: finish the session, and wait until it is still"
    if session is not None and session.phase is not Phase.IDLE:
        return f"a session is under way ({session.phase}): finish it first"
    if session is None or chair is None:
        return f"nobody says how the chair is: {BY_HAND}"
    return ""
