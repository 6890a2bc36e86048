"""Who may ask what over HTTP: checked before an answer is made."""

import secrets
from http import HTTPStatus

from starlette.requests import Request

from calmloop.caregiver_console.actors import Actor, Role
from calmloop.caregiver_console.backstage import Backstage, address_of
from calmloop.caregiver_console.bodies import HttpError
from calmloop.caregiver_console.guard import trusted
from calmloop.caregiver_console.logins import actor_of

CSRF = "x-csrf-token"


def check_trusted(request: Request) -> None:
    """Sees to it that no other site's page asks.

    Raises:
        HttpError: 403.
    """
    if not trusted(request.scope):
        raise HttpError(
            HTTPStatus.FORBIDDEN,
            "the name in the address is not this console's, or another site's page asks: open it by"
            " its address, or add the name to caregiver_console.names",
        )


def check_rate(backstage: Backstage, request: Request) -> None:
    """Sees to it that nobody floods.

    Raises:
        HttpError: 429.
    """
    if not backstage.rate.passes(address_of(request)):
        raise HttpError(HTTPStatus.TOO_MANY_REQUESTS, "too much is asked from here: wait a second")


def allowed_actor(backstage: Backstage, request: Request, role: Role | None = None) -> Actor:
    """Who asks, where they may.

    Args:
        backstage: Knows the logins.
        request: Theirs.
        role: What they must be; None: any login does.

    Raises:
        HttpError: 401 without a login, 403 with another role or without the CSRF token.
    """
    check_trusted(request)
    check_rate(backstage, request)
    login = backstage.login(request)
    actor = actor_of(login)
    if login is None:
        raise HttpError(HTTPStatus.UNAUTHORIZED, "log in first")
    if request.method not in ("GET", "HEAD"):
        _check_csrf(request, login.csrf)
    if role is not None and actor.role is not role:
        raise HttpError(HTTPStatus.FORBIDDEN, f"a {role} has to log in for this")
    return actor


def has_csrf(request: Request, csrf: str) -> bool:
    """Whether it carries the login's token."""
    return secrets.compare_digest(request.headers.get(CSRF, "").encode(), csrf.encode())


def _check_csrf(request: Request, csrf: str) -> None:
    if not has_csrf(request, csrf):
        raise HttpError(
            HTTPStatus.FORBIDDEN, f"header {CSRF} is not the login's: `GET /api/me` has it"
        )
