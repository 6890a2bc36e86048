"""The whole system as processes on this machine: broker, chair and every service."""

import os
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from calmloop.base.errors import ConfigurationError, InputError
from calmloop.contract.topics import SERVICES, Account
from calmloop.demo.broker import Broker, free_port
from calmloop.demo.chair import Chair, ChairKind
from calmloop.demo.children import start_child, stop_child

CHAIR_ID = "demo"
INSTANCE = "demo"
RESTART_AFTER_S = 1.0
BAD_SETTING = 2
LOG_TOKENS = ("read", "write")
IN_DEMO = SERVICES - {Account.METRICS_EXPORTER, Account.HOME_ASSISTANT, Account.FLEET_LINK}
"""What tells others of the chair is left out: it has no part in a session."""


@dataclass(frozen=True)
class StackOptions:
    """What to run.

    Attributes:
        source: A camera source: device, file, folder, address, or `sim`.
        chair: What stands for the chair.
        baseline_s: Length of the baseline in seconds.
        warm_up_s: From zero to the level of a start.
        restart: Whether a service that ends is started again, as Docker would.
        slow_detector: How many times its time the face detector takes.
        tracks: What the sound player plays, into a recording; None: no sound player.
        instead: The command that runs in a service's place, with its environment; an empty one
            where another service's command does its work, too.
        settings: Further CALMLOOP_* variables, without the prefix.
    """

    source: str = "sim"
    chair: ChairKind = ChairKind.POSIX
    baseline_s: float = 30.0
    warm_up_s: float = 60.0
    restart: bool = True
    slow_detector: float = 1.0
    tracks: Path | None = None
    instead: Mapping[Account, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)


def stand_ins(given: Sequence[str]) -> dict[Account, str]:
    """What ``SERVICE=COMMAND`` says, several times for several.

    Raises:
        InputError: there is no such service in a demo, or the command cannot be found.
    """
    found: dict[Account, str] = {}
    for one in given:
        name, separator, command = one.partition("=")
        if not separator or name not in IN_DEMO:
            raise InputError(
                f"--instead: {one!r} is not SERVICE=COMMAND with one of"
                f" {', '.join(sorted(IN_DEMO))}; leave the command empty where another's does its"
                " work, too"
            )
        found[Account(name)] = _checked(command)
    return found


def _checked(command: str) -> str:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise InputError(f"--instead: {command!r} cannot be read ({error}): mend it") from error
    if words and shutil.which(words[0]) is None:
        raise InputError(f"--instead: no program {words[0]!r} is here: name its path")
    return command


@dataclass
class _Service:
    child: subprocess.Popen[bytes]
    started_s: float


class Stack:
    """Runs while the context is open; nothing of it outlives this process.

    Attributes:
        broker: The private broker.
        chair: The chair as a process.
        console_port: Where the caregiver's console listens, on 127.0.0.1.
        restarts: How often each service was started again.
        log_port: Where the session log answers HTTP; its tokens are in the folder.
    """

    def __init__(
        self, folder: Path, options: StackOptions, prepare: Callable[[], None] = lambda: None
    ) -> None:
        """Starts nothing yet.

        Args:
            folder: For what it writes.
            options: What runs.
            prepare: What takes long: is called once broker and chair run, before any service.
        """
        self._options, self._prepare = options, prepare
        self.folder = folder
        self.broker = Broker(folder)
        self.chair = Chair(folder, options.chair)
        self.console_port = free_port()
        self.log_port = free_port()
        self.restarts: Counter[Account] = Counter()
        self._services: dict[Account, _Service] = {}

    def __enter__(self) -> "Stack":
        try:
            self.broker.start()
            self.chair.start()
            self._prepare()
            self._write_log_tokens()
            for account in sorted(self.accounts):
                if self._command(account):
                    self.start(account)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _write_log_tokens(self) -> None:
        """What the console asks the session log with, before either looks for them."""
        for name in LOG_TOKENS:
            path = self.folder / f"log-{name}.token"
            path.touch(0o600)
            path.write_text(secrets.token_hex(16))

    @property
    def accounts(self) -> frozenset[Account]:
        """The services that are to be there, by themselves or by what runs instead."""
        return IN_DEMO if self._options.tracks else IN_DEMO - {Account.SOUND_PLAYER}

    def start(self, account: Account) -> None:
        """Starts one service."""
        child = start_child(
            self._command(account),
            log=self.log(account),
            env=self._environment(),
        )
        self._services[account] = _Service(child, time.monotonic())

    def stop(self) -> None:
        """Ends everything: services first, so that they can say goodbye."""
        for service in self._services.values():
            if service.child.poll() is None:
                service.child.send_signal(signal.SIGCONT)
                service.child.terminate()
        for service in self._services.values():
            stop_child(service.child)
        self._services.clear()
        self.chair.stop()
        self.broker.stop()

    def supervise(self) -> None:
        """Starts again what has ended, unless it was told not to.

        Raises:
            ConfigurationError: a service refused its settings; starting it again would not help.
        """
        for account, service in list(self._services.items()):
            code = service.child.poll()
            if code is None:
                continue
            if code == BAD_SETTING:
                raise ConfigurationError(self.tail(account))
            if self._options.restart and time.monotonic() - service.started_s > RESTART_AFTER_S:
                self.restarts[account] += 1
                self.start(account)

    def signal(self, account: Account, number: signal.Signals) -> None:
        """Sends a service a signal, such as SIGSTOP or SIGKILL."""
        self._services[account].child.send_signal(number)

    def log(self, account: Account) -> Path:
        """Where a service's output goes."""
        return self.folder / f"{account}.log"

    def tail(self, account: Account, characters: int = 800) -> str:
        """The end of a service's output."""
        return self.log(account).read_text(errors="replace")[-characters:].strip()

    def cpu_s(self) -> dict[Account, float]:
        """Processor time that each running service has used, user and system, in seconds."""
        ticks = os.sysconf("SC_CLK_TCK")
        used = {}
        for account, service in self._services.items():
            fields = Path(f"/proc/{service.child.pid}/stat").read_text().rsplit(")", 1)[1].split()
            used[account] = (int(fields[11]) + int(fields[12])) / ticks
        return used

    def _command(self, account: Account) -> list[str]:
        slowdown = self._options.slow_detector
        if account in self._options.instead:
            return shlex.split(self._options.instead[account])
        if account is Account.FACE_DETECTOR and slowdown > 1.0:
            return [sys.executable, "-m", "calmloop.demo.slow_detector", str(slowdown)]
        return [sys.executable, "-m", f"calmloop.{account.replace('-', '_')}"]

    def _environment(self) -> dict[str, str]:
        settings = {
            "CHAIR_ID": CHAIR_ID,
            "INSTANCE": INSTANCE,
            "MQTT__HOST": "127.0.0.1",
            "MQTT__PORT": str(self.broker.port),
            "CAMERA__SOURCE": self._options.source,
            "VOICE_LISTENER__SOURCE": "simulated",
            "VOICE_LISTENER__STARTS_ENABLED": "true",
            "SCENARIO_SELECTOR__BASELINE_S": f"{self._options.baseline_s:g}",
            "SCENARIO_SELECTOR__WARM_UP_S": f"{self._options.warm_up_s:g}",
            "SCENARIO_SELECTOR__DATA_DIR": str(self.folder / "profiles"),
            "ACTUATOR_BRIDGE__PORT": str(self.chair.port),
            "HEART_MONITOR__SOURCE": "simulated",
            "SOUND_PLAYER__OUTPUT": "recording",
            "CAREGIVER_CONSOLE__PORT": str(self.console_port),
            "CAREGIVER_CONSOLE__DATA_DIR": str(self.folder / "console"),
            "SESSION_LOG__DATA_DIR": str(self.folder / "log"),
            "SESSION_LOG__HTTP_PORT": str(self.log_port),
            "CAREGIVER_CONSOLE__LOG_HOST": "127.0.0.1",
            "CAREGIVER_CONSOLE__LOG_PORT": str(self.log_port),
            **{
                f"{section}_{name.upper()}_TOKEN_FILE": str(self.folder / f"log-{name}.token")
                for section in ("SESSION_LOG_", "CAREGIVER_CONSOLE__LOG")
                for name in LOG_TOKENS
            },
            **({"TRACKS_DIR": str(self._options.tracks)} if self._options.tracks else {}),
            **self._options.settings,
        }
        return {**os.environ, **{f"CALMLOOP_{key}": value for key, value in settings.items()}}
