"""The deployment's containers, and whether they may be stopped: never under a child."""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
    ids = left_alone(machine, deployment, ask)
    if ids:
        stopped = machine.run(["docker", "stop", *ids])
        if stopped.status != 0:
            machine.run(["docker", "start", *ids])
            raise DeviceBusyError(f"the services do not stop ({stopped.said}): {BY_HAND}")
    yield ids


def left_alone(
    machine: Machine, deployment: Deployment, ask: Callable[[Deployment], str] | None = None
) -> list[str]:
    """The ids of what runs, where it may be stopped now.

    Raises:
        DeviceBusyError: it may not, as `standing_still` says.
    """
    ids = running(machine, deployment)
    why = (ask(deployment) if ask else why_busy(machine, deployment)) if ids else ""
    if why:
        raise DeviceBusyError(f"{why}: nothing was done")
    return ids


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


@dataclass(frozen=True)
class ChairWord:
    """What the deployment said of session and chair.

    Attributes:
        session: None: nothing.
        chair: None: nothing.
        silence: Why one of them is missing, and what to do; empty where none is.
        unasked: Nobody could be asked.
    """

    session: SessionState | None = None
    chair: ChairState | None = None
    silence: str = ""
    unasked: bool = False

    @property
    def busy(self) -> str:
        """Why somebody may sit in the chair; empty where nothing says so, in silence too."""
        if self.chair is not None and self.chair.mode in MOVING:
            return f"the chair is {self.chair.mode}: finish the session, and wait until it is still"
        if self.session is not None and self.session.phase is not Phase.IDLE:
            return f"a session is under way ({self.session.phase}): finish it first"
        return ""

    @property
    def why_not(self) -> str:
        """Why the chair may not be left now: silence is no leave."""
        return self.busy or self.silence

    @property
    def held(self) -> str:
        """Why what was begun while nobody sat in the chair may not be ended now.

        A broker, a bridge or a selector that is asked and does not speak is no reason: without one
        of them the lease ends, and with it the chair's session.
        """
        return self.busy or (self.silence if self.unasked else "")


def why_busy(machine: Machine, deployment: Deployment) -> str:
    """Why the chair may not be left now; nothing: nobody is in its way."""
    return hear(machine, deployment).why_not


def why_busy_on(settings: ServiceSettings) -> str:
    """The same, of a broker."""
    return _hear_on(settings).why_not


def hear(machine: Machine, deployment: Deployment) -> ChairWord:
    """Asks the deployment's own broker as its caregiver."""
    words = ["docker", "compose", "run", "--rm", "-T", "init", "show", Account.CAREGIVER]
    told = machine.run(words, deployment.folder)
    if told.status != 0 or not told.out:
        silence = f"the caregiver's password is not to be had ({told.said[-200:]}): {BY_HAND}"
        return ChairWord(silence=silence, unasked=True)
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
        return _hear_on(_Given(chair_id=chair_id, mqtt=mqtt))


def _hear_on(settings: ServiceSettings) -> ChairWord:
    silence = f"nobody says how the chair is: {BY_HAND}"
    try:
        with connected(settings) as client:
            heard = client.await_seen(lambda: _known(client), GIVEN_UP_S)
            session, chair = heard or (client.seen.session, client.seen.chair)
            return ChairWord(session, chair, "" if heard else silence)
    except NotConnectedError as error:
        return ChairWord(silence=f"{error}; {silence}")


def _known(client: CaregiverClient) -> tuple[SessionState, ChairState] | None:
    session, chair = client.seen.session, client.seen.chair
    return (session, chair) if session and chair else None
