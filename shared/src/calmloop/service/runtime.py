"""One way to run every service: connect, turn the loop, beat, stop cleanly.

The heartbeat and the health file come from the working loop and from nowhere else, so that a
service that hangs is seen to hang.
"""

import faulthandler
import os
import resource
import secrets
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as distribution_version
from pathlib import Path
from typing import Generic, Protocol

import structlog

from calmloop.base import logs, priority
from calmloop.base.clock import Clock, SystemClock
from calmloop.base.errors import CalmloopError, ConfigurationError
from calmloop.base.settings import ServiceSettings, SettingsT, configured_path, load
from calmloop.base.settings_file import SettingsFile
from calmloop.bus.bus import Bus
from calmloop.bus.connection import client_id
from calmloop.bus.mqtt import PahoTransport
from calmloop.contract import topics
from calmloop.contract.messages.service import Heartbeat
from calmloop.contract.topics import HEARTBEAT_PERIOD_S, STATUS_PERIOD_S, Account
from calmloop.service.health import EVICTED, Health, InputHealth

__all__ = ["Context", "Health", "InputHealth", "Loop", "Service", "run"]

LATE_S = 0.3
"""A wait that overslept by more than this, or a turn that took longer, was that of a stopped
process: its inputs are void."""
HANG_S = 10
"""A loop that has not turned for this long is ended, for its supervisor to start again."""
REARM_S = 1.0

EXIT_STOPPED = 0
EXIT_CRASHED = 1
EXIT_CONFIGURATION = 2


EVICTED_S = 5.0
"""After an eviction by another client of its id, it is reported for this long."""


class Service(Protocol):
    """What a service gives to the runtime."""

    period_s: float
    """The longest time between two turns; a message or `bus.wake` brings the next one earlier."""

    def turn(self) -> Health:
        """Does what is due now, after the pending messages went to their handlers."""

    def discard(self) -> None:
        """Forgets every input it holds, except stops: the process was stopped for a while."""

    def close(self) -> None:
        """Lets go of devices; the bus is still there."""


@dataclass(frozen=True)
class Context(Generic[SettingsT]):
    """What a service is built from."""

    settings: SettingsT
    bus: Bus
    clock: Clock
    log: structlog.typing.FilteringBoundLogger


def run(
    account: Account,
    settings_type: type[SettingsT],
    build: Callable[[Context[SettingsT]], Service],
    *,
    share_group: Callable[[SettingsT], str] = lambda _settings: "",
) -> int:
    """Runs one service until SIGTERM or SIGINT.

    Args:
        account: Which service it is.
        settings_type: Its settings model.
        build: Makes the service; subscriptions made here are there from the first connect on.
        share_group: Where the settings hold the name of the group that shares the load.

    Returns:
        Exit code: 0 stopped, 1 crashed, 2 a setting is wrong.
    """
    # A core dump would hold the last picture.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    first = account in priority.FIRST and priority.go_first()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    file = SettingsFile(configured_path())
    try:
        settings = load(settings_type)
        logs.configure(settings.log)
        _check_health_file(settings.health_file)
        context = _context(account, settings, share_group(settings))
        service = build(context)
    except ConfigurationError as error:
        print(f"{account}: {error}", file=sys.stderr)
        return EXIT_CONFIGURATION
    except CalmloopError as error:
        print(f"{account}: {error}", file=sys.stderr)
        return EXIT_CRASHED
    return _run(context, service, _Ends(stopping, file), first=first)


def _check_health_file(path: Path | None) -> None:
    if path is not None and not os.access(path.parent, os.W_OK | os.X_OK):
        raise ConfigurationError(
            f"health_file: {path} cannot be written: name a folder that is there and that this"
            " user may write to"
        )


def _context(account: Account, settings: SettingsT, share_group: str) -> Context[SettingsT]:
    clock = SystemClock()
    bus = Bus(
        PahoTransport(settings.mqtt, client_id(settings.chair_id, account, settings.instance)),
        chair_id=settings.chair_id,
        service=account,
        instance=settings.instance,
        clock=clock,
        version=_version(account),
        share_group=share_group,
    )
    return Context(settings, bus, clock, structlog.get_logger(account.value))


def _version(account: Account) -> str:
    try:
        return distribution_version(f"calmloop-{account}")
    except PackageNotFoundError:
        return ""


def _run(context: Context[SettingsT], service: Service, ends: "_Ends", *, first: bool) -> int:
    loop = Loop(context.bus, service, context.clock, context.settings.health_file)
    context.log.info(
        "started",
        chair=context.settings.chair_id,
        instance=context.settings.instance,
        real_time=first,
    )
    guard = _HangGuard(context.clock)
    context.bus.start()
    try:
        while not (why := ends.reason(context.settings)):
            guard.arm()
            loop.turn()
    except Exception:
        context.log.exception("crashed")
        return EXIT_CRASHED
    finally:
        guard.disarm()
        service.close()
        context.bus.close()
    context.log.info("stopped", reason=why)
    return EXIT_STOPPED


class _HangGuard:
    """Ends the process, with a traceback, when a turn of the loop does not come back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._armed_ns: int | None = None

    def arm(self) -> None:
        """To be called before each turn."""
        # Each arming starts a thread in C, which would cost more than a turn does.
        now_ns = self._clock.monotonic_ns()
        if self._armed_ns is None or now_ns - self._armed_ns > REARM_S * 1e9:
            self._armed_ns = now_ns
            faulthandler.dump_traceback_later(HANG_S, exit=True)

    def disarm(self) -> None:
        """To be called when no turn follows."""
        faulthandler.cancel_dump_traceback_later()


@dataclass(frozen=True)
class _Ends:
    """What makes a service end by itself."""

    stopping: threading.Event
    file: SettingsFile

    def reason(self, settings: ServiceSettings) -> str:
        """Why it has to end now; empty while it need not."""
        if self.stopping.is_set():
            return "asked to"
        if settings.end_on_change and self.file.has_changed():
            return "the settings have changed: to be started anew"
        return ""


class Loop:
    """The working loop of a service, one turn at a time."""

    def __init__(self, bus: Bus, service: Service, clock: Clock, health_file: Path | None) -> None:
        self._bus = bus
        self._service = service
        self._clock = clock
        self._health_file = health_file
        self._run = secrets.token_hex(4)
        self._evictions = 0
        self._evicted_until_ns = 0
        self._beat_due_ns = 0
        self._status_due_ns = 0

    def turn(self) -> None:
        """Waits for work, does it, and beats when a beat is due."""
        if self._wait():
            self._void_inputs("the wait overslept")
        began_ns = self._clock.monotonic_ns()
        self._bus.dispatch()
        health = self._service.turn()
        if self._clock.monotonic_ns() - began_ns > LATE_S * 1e9:
            self._void_inputs("a turn took too long")
        self._beat(health)

    def _wait(self) -> bool:
        began_ns = self._clock.monotonic_ns()
        timeout_s = min(self._service.period_s, HEARTBEAT_PERIOD_S / 2)
        self._bus.wait(timeout_s)
        return self._clock.monotonic_ns() - began_ns > (timeout_s + LATE_S) * 1e9

    def _void_inputs(self, reason: str) -> None:
        structlog.get_logger("runtime").warning("inputs discarded", reason=reason)
        self._bus.counters["late_turns"] += 1
        self._bus.discard()
        self._service.discard()

    def _beat(self, health: Health) -> None:
        now_ns = self._clock.monotonic_ns()
        if now_ns >= self._beat_due_ns:
            self._beat_due_ns = now_ns + round(HEARTBEAT_PERIOD_S * 1e9)
            if self._bus.hears_all and health.beats:
                self._publish_heartbeat(self._unless_evicted(health, now_ns))
            if self._health_file:
                self._health_file.touch()
        if now_ns >= self._status_due_ns and self._bus.connected:
            self._status_due_ns = now_ns + round(STATUS_PERIOD_S * 1e9)
            self._bus.publish_status()

    def _unless_evicted(self, health: Health, now_ns: int) -> Health:
        if self._bus.evictions != self._evictions:
            self._evictions = self._bus.evictions
            self._evicted_until_ns = now_ns + round(EVICTED_S * 1e9)
        evicted = replace(EVICTED, beats=health.beats)
        return evicted if now_ns < self._evicted_until_ns else health

    def _publish_heartbeat(self, health: Health) -> None:
        self._bus.publish(
            topics.HEARTBEAT,
            Heartbeat(
                service=self._bus.service.value,
                instance=self._bus.instance,
                run=self._run,
                healthy=health.healthy,
                waits_for=health.waits_for[:200],
            ),
            service=self._bus.service.value,
            instance=self._bus.instance,
        )
