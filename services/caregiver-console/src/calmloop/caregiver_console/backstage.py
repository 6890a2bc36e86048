"""What the answers are made from: handed to all of them, so that each says what it needs."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from starlette.requests import HTTPConnection

from calmloop.base.clock import Clock
from calmloop.base.lockout import Lockout
from calmloop.caregiver_console.actors import ANYBODY, Actor
from calmloop.caregiver_console.board import Board
from calmloop.caregiver_console.children import ChildFiles
from calmloop.caregiver_console.desk import CommandDesk
from calmloop.caregiver_console.events import EventHub
from calmloop.caregiver_console.face_rule import FaceRule
from calmloop.caregiver_console.guard import trusted
from calmloop.caregiver_console.log_client import LogClient
from calmloop.caregiver_console.logins import Login, Logins, actor_of
from calmloop.caregiver_console.missing import SeenStates
from calmloop.caregiver_console.pages import PageShelf
from calmloop.caregiver_console.people import UserFile
from calmloop.caregiver_console.rate import AddressRate
from calmloop.caregiver_console.report_process import ReportProcess
from calmloop.contract.messages.scenarios import ScenarioListState

Erasing = Callable[[str], AbstractContextManager[None]]
Record = Callable[[Actor, str, dict[str, object]], None]
"""Keeps who did what."""
SECURE_COOKIE = "__Host-calmloop"


@dataclass(frozen=True)
class Backstage:
    """Everything behind the pages.

    Attributes:
        log: The session-log; None without one.
        authority: What a tablet has to trust; None: nothing of its own.
        secure: Whether it speaks TLS.
        seen: The newest of each state, callable from the web's thread.
        scenarios: What may be played, the same.
        children: What is told of their profiles.
        record: Keeps who did what; never a PIN.
        erasing: In which nothing of who did what names a child that is erased; it blocks.
        reports: Has reports made.
    """

    clock: Clock
    board: Board
    desk: CommandDesk
    hub: EventHub
    shelf: PageShelf
    users: UserFile
    logins: Logins
    lockout: Lockout
    rate: AddressRate
    rule: FaceRule
    seen: Callable[[], SeenStates]
    scenarios: Callable[[], ScenarioListState]
    children: ChildFiles
    record: Record
    erasing: Erasing
    reports: ReportProcess
    log: LogClient | None = None
    authority: Path | None = None
    secure: bool = False

    @property
    def cookie(self) -> str:
        """The name of the login's cookie: under TLS one that no other host may set."""
        return SECURE_COOKIE if self.secure else "calmloop"

    def utc_now(self) -> datetime:
        """Wall time."""
        return self.clock.utc_now()

    def secret(self, connection: HTTPConnection) -> str:
        """What the cookie holds; empty from another site's page."""
        return connection.cookies.get(self.cookie, "") if trusted(connection.scope) else ""

    def login(self, connection: HTTPConnection, *, used: bool = True) -> Login | None:
        """Who has logged in there."""
        return self.logins.find(self.secret(connection), used=used)

    def actor(self, connection: HTTPConnection, *, used: bool = True) -> Actor:
        """Who asks."""
        return actor_of(self.login(connection, used=used)) if connection.cookies else ANYBODY


def address_of(connection: HTTPConnection) -> str:
    """Where a request comes from."""
    return connection.client.host if connection.client else ""
