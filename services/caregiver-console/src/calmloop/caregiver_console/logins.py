"""Who is logged in: a cookie's secret to a person, in memory alone, so that a restart ends them."""

import hashlib
import secrets
from collections import OrderedDict
from dataclasses import dataclass

from calmloop.base.clock import Clock
from calmloop.caregiver_console.actors import ANYBODY, Actor
from calmloop.caregiver_console.people import ConsoleUser, UserFile

IDLE_S = 3600.0
"""A tablet that nobody touched for so long belongs to anybody again."""
LONGEST_S = 12 * 3600.0
MAX_LOGINS = 64


@dataclass
class Login:
    """One login.

    Attributes:
        user: As it was then.
        csrf: What a page shows beside the cookie.
    """

    user: ConsoleUser
    csrf: str
    opened_ns: int
    used_ns: int


class Logins:
    """All of them; the oldest makes place for the newest."""

    def __init__(self, clock: Clock, users: UserFile) -> None:
        self._clock, self._users = clock, users
        self._logins: OrderedDict[str, Login] = OrderedDict()

    def open(self, user: ConsoleUser) -> tuple[str, Login]:
        """A new login and the secret of its cookie."""
        secret, now_ns = secrets.token_urlsafe(32), self._clock.monotonic_ns()
        login = Login(user, secrets.token_urlsafe(24), now_ns, now_ns)
        self._logins[_key(secret)] = login
        if len(self._logins) > MAX_LOGINS:
            self._logins.popitem(last=False)
        return secret, login

    def close(self, secret: str) -> None:
        """Ends one."""
        self._logins.pop(_key(secret), None)

    def find(self, secret: str, *, used: bool = True) -> Login | None:
        """The login of a cookie; None where it is over, or the person may not log in any more.

        Args:
            secret: The cookie's.
            used: Whether a person does something now, rather than a page that stands open.
        """
        login = self._logins.get(_key(secret)) if secret else None
        if login is None:
            return None
        now_ns = self._clock.monotonic_ns()
        idle = now_ns - login.used_ns > IDLE_S * 1e9
        if idle or now_ns - login.opened_ns > LONGEST_S * 1e9 or not self._is_same(login.user):
            self.close(secret)
            return None
        if used:
            login.used_ns = now_ns
        return login

    def _is_same(self, user: ConsoleUser) -> bool:
        return self._users.find(user.name) == user


def actor_of(login: Login | None) -> Actor:
    """Who that is."""
    return Actor(login.user.name, login.user.role) if login else ANYBODY


def _key(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
