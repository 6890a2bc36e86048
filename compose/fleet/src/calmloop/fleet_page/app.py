"""The page's addresses: the fleet, for those who have logged in, and a form to do so."""

import asyncio
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jinja2
import psycopg
import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from calmloop.base.clock import Clock
from calmloop.base.lockout import Lockout
from calmloop.contract.fleet_rollout import FleetRollout
from calmloop.fleet_centre.people import password_fits
from calmloop.fleet_centre.serving import failed
from calmloop.fleet_page.logins import LONGEST_S, PageLogin, PageLogins
from calmloop.fleet_page.reading import FleetReader
from calmloop.fleet_page.releases import rollout_of

COOKIE = "__Host-fleet"
MAX_FORM_BYTES = 4096
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
NOBODY = "-"
WRONG = "The name or the password is wrong."
AWAY = "The database is away. Nothing is lost by that: the chairs keep what it has not taken."


class FleetPages:
    """Answers from what a reader reads, and from a repository of releases where there is one."""

    def __init__(self, reader: FleetReader, clock: Clock, repository: Path | None = None) -> None:
        self._reader, self._clock, self._repository = reader, clock, repository
        self._logins, self._lockout = PageLogins(clock), Lockout(clock)
        self._one_password = asyncio.Semaphore(1)  # each takes 19 MiB for a while
        self._templates = jinja2.Environment(
            loader=jinja2.PackageLoader("calmloop.fleet_page"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    async def fleet(self, request: Request) -> Response:
        """All chairs, a hundred at a time."""
        login = await self._login(request)
        if login is None:
            return RedirectResponse("/login", HTTPStatus.SEE_OTHER)
        after = request.query_params.get("after", "")[:64].replace("\0", "")
        chairs, more = await run_in_threadpool(self._reader.chairs, after)
        rollout, trouble = await run_in_threadpool(self._rollout)
        now = self._clock.utc_now()
        return self._page(
            "fleet.html",
            person=login.name,
            chairs=[(chair, chair.wants(now)) for chair in chairs],
            more=more,
            after=after,
            now=now,
            rollout=rollout,
            trouble=trouble,
        )

    async def form(self, _request: Request) -> Response:
        """Where one logs in."""
        return self._page("login.html", wrong="", name="")

    async def login(self, request: Request) -> Response:
        """Logs somebody in, by name and password."""
        given = await _form(request)
        name = given.get("name", "")[:40].replace("\0", "") or NOBODY
        password = given.get("password", "")[:200]
        address = request.client.host if request.client else ""
        if (locked_s := self._lockout.locked_s(name, address)) > 0.0:
            wrong = f"Too many wrong passwords: try again in {locked_s:.0f} seconds."
            return self._form_again(wrong, name, HTTPStatus.TOO_MANY_REQUESTS)
        kept = await run_in_threadpool(self._reader.password_of, name)
        async with self._one_password:
            fits = await run_in_threadpool(password_fits, kept, password)
        if not fits or kept is None:
            self._lockout.fail(name, address)
            structlog.get_logger("fleet-page").warning("a password is wrong", address=address)
            return self._form_again(WRONG, name, HTTPStatus.FORBIDDEN)
        self._lockout.succeed(name, address)
        answer = RedirectResponse("/", HTTPStatus.SEE_OTHER)
        answer.set_cookie(
            COOKIE,
            self._logins.open(name, kept),
            max_age=round(LONGEST_S),
            secure=True,
            httponly=True,
            samesite="strict",
        )
        return answer

    async def logout(self, request: Request) -> Response:
        """Ends a login, if there is one."""
        self._logins.close(request.cookies.get(COOKIE, ""))
        answer = RedirectResponse("/login", HTTPStatus.SEE_OTHER)
        answer.delete_cookie(COOKIE, secure=True, httponly=True, samesite="strict")
        return answer

    async def away(self, _request: Request, error: Exception) -> Response:
        """The database is."""
        structlog.get_logger("fleet-page").error("the database is away", reason=repr(error)[:300])
        return self._page("away.html", HTTPStatus.SERVICE_UNAVAILABLE, reason=AWAY)

    def _rollout(self) -> tuple[FleetRollout | None, str]:
        """What is rolled out, and why that is not known."""
        if self._repository is None:
            return None, ""
        try:
            return rollout_of(self._repository), ""
        except (OSError, ValueError) as error:
            structlog.get_logger("fleet-page").error("no rollout", reason=repr(error)[:300])
            return None, "What is rolled out cannot be read: the page's log says why."

    async def _login(self, request: Request) -> PageLogin | None:
        """Whoever has not got another password since, or was removed."""
        login = self._logins.find(request.cookies.get(COOKIE, ""))
        if login is None:
            return None
        kept = await run_in_threadpool(self._reader.password_of, login.name)
        return login if kept == login.password else None

    def _form_again(self, wrong: str, name: str, status: HTTPStatus) -> Response:
        return self._page("login.html", status, wrong=wrong, name=name)

    def _page(self, template: str, status: HTTPStatus = HTTPStatus.OK, **values: Any) -> Response:
        return HTMLResponse(self._templates.get_template(template).render(values), status)


class Headers:
    """What every answer says of itself: nothing from elsewhere, and nobody keeps it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers, and adds them."""

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await self._app(scope, receive, add)


def page_app(pages: FleetPages) -> ASGIApp:
    """All addresses."""
    style = (Path(__file__).parent / "templates" / "fleet.css").read_text(encoding="utf-8")

    async def css(_request: Request) -> Response:
        return Response(style, media_type="text/css")

    app = Starlette(
        routes=[
            Route("/", pages.fleet),
            Route("/login", pages.form),
            Route("/login", pages.login, methods=["POST"]),
            Route("/logout", pages.logout, methods=["POST"]),
            Route("/fleet.css", css),
        ],
        exception_handlers={psycopg.Error: pages.away, Exception: failed},
    )
    return Headers(app)


async def _form(request: Request) -> dict[str, str]:
    """What a form has sent; nothing where it is too much."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_FORM_BYTES:
            return {}
    return {name: values[-1] for name, values in parse_qs(body.decode(errors="replace")).items()}
