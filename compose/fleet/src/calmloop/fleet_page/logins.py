"""Who is logged in at the page: in memory alone, so that a restart ends them."""

import hashlib
import secrets
from collections import OrderedDict
from dataclasses import dataclass

from calmloop.base.clock import Clock, monotonic_s

IDLE_S = 3600.0
LONGEST_S = 12 * 3600.0
MAX_LOGINS = 256


@dataclass
class PageLogin:
    """One login: whose it is, and with which password."""

    name: str
    password: str
    opened_s: float
    used_s: float


class PageLogins:
    """All of them; the oldest makes place for the newest."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._logins: OrderedDict[str, PageLogin] = OrderedDict()

    def open(self, name: str, password: str) -> str:
        """A new login; the secret of its cookie.

        Args:
            name: Whose.
            password: The hash that fitted.
        """
        secret, now_s = secrets.token_urlsafe(32), monotonic_s(self._clock)
        self._logins[_key(secret)] = PageLogin(name, password, now_s, now_s)
        if len(self._logins) > MAX_LOGINS:
            self._logins.popitem(last=False)
        return secret

    def close(self, secret: str) -> None:
        """Ends one."""
        self._logins.pop(_key(secret), None)

    def find(self, secret: str) -> PageLogin | None:
        """The login of a cookie; None: it is none, or over."""
        login, now_s = self._logins.get(_key(secret)), monotonic_s(self._clock)
        if login is None:
            return None
        if now_s - login.used_s > IDLE_S or now_s - login.opened_s > LONGEST_S:
            self.close(secret)
            return None
        login.used_s = now_s
        return login


def _key(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
