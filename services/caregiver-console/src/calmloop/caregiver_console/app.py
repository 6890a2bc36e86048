"""The application: every address, and what stands around them."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from types import SimpleNamespace
from typing import Annotated, Any

import structlog
from pydantic import Field
from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, Router, WebSocketRoute
from starlette.types import ASGIApp

from calmloop.base.clock import Clock
from calmloop.base.errors import ConfigurationError
from calmloop.caregiver_console.answers import CommandTold, Refusal
from calmloop.caregiver_console.backstage import SECURE_COOKIE, Backstage
from calmloop.caregiver_console.bodies import HttpError, refused
from calmloop.caregiver_console.guard import RequestGuard
from calmloop.caregiver_console.openapi import Described
from calmloop.caregiver_console.ways import BASE, Way
from calmloop.caregiver_console.web_children import ChildWays
from calmloop.caregiver_console.web_commands import CommandWays
from calmloop.caregiver_console.web_history import ASKABLE, HistoryWays
from calmloop.caregiver_console.web_keeping import KeepingWays
from calmloop.caregiver_console.web_people import PeopleWays
from calmloop.caregiver_console.web_reports import ReportWays
from calmloop.caregiver_console.web_states import EventsApp, StateWays
from calmloop.caregiver_console.web_trust import TrustWays
from calmloop.contract.messages.session import Mode, Name


def application(backstage: Backstage, names: Collection[str]) -> ASGIApp:
    """What the server runs.

    Args:
        backstage: What the answers are made from.
        names: Names under which browsers may ask, beside addresses and localhost.
    """
    parts = _Parts(backstage, names)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        ticking = asyncio.create_task(backstage.hub.run())
        yield
        ticking.cancel()
        with suppress(asyncio.CancelledError):
            await ticking
        parts.people.close()
        parts.history.close()

    ways = parts.described.ways
    addresses = [WebSocketRoute("/commands", parts.commands.socket), *(way.route() for way in ways)]
    app = Starlette(
        routes=[
            Mount(BASE, Router(addresses, redirect_slashes=False)),
            Route("/ca.crt", parts.trust.certificate),
            Route("/{path:path}", parts.states.page),
        ],
        exception_handlers={
            HttpError: refused,
            HTTPException: _unknown,
            ConfigurationError: _damaged,
            Exception: _failed,
        },
        lifespan=lifespan,
    )
    return RequestGuard(app, names)


def openapi_document(clock: Clock) -> dict[str, Any]:
    """What a console that speaks TLS says of its addresses, without one that runs."""
    nothing: Any = SimpleNamespace(clock=clock, cookie=SECURE_COOKIE)
    return _Parts(nothing, ()).described.document


class _Parts:
    """Who answers, and where."""

    def __init__(self, backstage: Backstage, names: Collection[str]) -> None:
        self.commands, self.people = CommandWays(backstage), PeopleWays(backstage)
        self.states, self.history = StateWays(backstage), HistoryWays(backstage)
        self.trust, children = TrustWays(backstage, names), ChildWays(backstage)
        self.described = Described(
            (
                *_of_states(self.states, EventsApp(backstage)),
                Way("GET", "/api/authority", self.trust.authority),
                *_of_commands(self.commands),
                *_of_people(self.people),
                *_of_children(children),
                *_of_keeping(KeepingWays(backstage, self.history, children)),
                *_of_reports(ReportWays(backstage, self.history)),
                *_of_history(self.history),
            ),
            backstage.cookie,
        )


def _of_commands(commands: CommandWays) -> tuple[Way, ...]:
    refusals = (HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS)
    refused = CommandTold | Refusal
    path = "/api/commands"
    return (Way("POST", path, commands.post, refusals=refusals, refused=refused),)


def _of_states(states: StateWays, events: EventsApp) -> tuple[Way, ...]:
    return (
        Way("GET", "/api/events", events, media_type="text/event-stream"),
        Way("GET", "/api/missing", states.missing, query_values={"mode": Mode}),
        Way("GET", "/api/scenarios", states.scenarios),
        Way("GET", "/api/context", states.context),
        Way(
            "POST",
            "/api/context",
            states.record_ground,
            login=True,
            refusals=(HTTPStatus.INSUFFICIENT_STORAGE,),
        ),
    )


def _of_people(people: PeopleWays) -> tuple[Way, ...]:
    locked, full = HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.INSUFFICIENT_STORAGE
    wrong = HTTPStatus.UNAUTHORIZED
    return (
        Way("POST", "/api/login", people.login, refusals=(wrong, locked)),
        Way("POST", "/api/logout", people.logout),
        Way("GET", "/api/me", people.me),
        Way("GET", "/api/users", people.users, login=True),
        Way(
            "POST",
            "/api/users",
            people.add_user,
            login=True,
            status=HTTPStatus.CREATED,
            refusals=(full,),
        ),
        Way(
            "DELETE",
            "/api/users/{name}",
            people.remove_user,
            login=True,
            refusals=(full,),
            path_values={"name": str},
        ),
    )


def _of_children(children: ChildWays) -> tuple[Way, ...]:
    code = {"code": Name}
    refusals = (HTTPStatus.CONFLICT, HTTPStatus.GATEWAY_TIMEOUT)
    one = "/api/children/{code}"
    return (
        Way("GET", "/api/children", children.codes, login=True),
        Way("GET", one, children.show, login=True, refusals=refusals, path_values=code),
        Way("PUT", one, children.write, login=True, refusals=refusals, path_values=code),
    )


def _of_keeping(keeping: KeepingWays) -> tuple[Way, ...]:
    one, code = "/api/history/children/{code}", {"code": Name}
    refusals = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.BAD_GATEWAY)
    return (
        Way("GET", one, keeping.show, login=True, refusals=refusals, path_values=code),
        Way("PUT", one, keeping.keep, login=True, refusals=refusals, path_values=code),
        Way("DELETE", one, keeping.erase, login=True, refusals=refusals, path_values=code),
        Way(
            "GET",
            f"{one}/export",
            keeping.export,
            login=True,
            refusals=refusals,
            path_values=code,
        ),
    )


def _of_reports(reports: ReportWays) -> tuple[Way, ...]:
    path = "/api/history/reports"
    refusals = (
        HTTPStatus.NOT_FOUND,
        HTTPStatus.CONFLICT,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.GATEWAY_TIMEOUT,
    )
    return (
        Way("GET", path, reports.show, login=True),
        Way(
            "POST", path, reports.make, login=True, refusals=refusals, media_type="application/pdf"
        ),
    )


class _Askable(Convertor[str]):
    """So that what cannot be asked is no address, and any method of it is told so alike."""

    regex = ASKABLE

    def convert(self, value: str) -> str:
        """Nothing to do."""
        return value

    def to_string(self, value: str) -> str:
        """Nothing to do."""
        return value


def _of_history(history: HistoryWays) -> tuple[Way, ...]:
    register_url_convertor("askable", _Askable())
    refusals = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.BAD_GATEWAY)
    path = Annotated[str, Field(pattern=f"^{ASKABLE}$")]
    return (
        Way(
            "POST",
            "/api/history/entries",
            history.enter,
            login=True,
            status=HTTPStatus.CREATED,
            refusals=refusals,
        ),
        Way(
            "GET",
            "/api/history/{path:askable}",
            history.read,
            login=True,
            refusals=refusals,
            path_values={"path": path},
        ),
    )


def _unknown(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.NOT_FOUND
    headers = error.headers if isinstance(error, HTTPException) else None
    text = f"{HTTPStatus(status).phrase}: API.md has every address"
    return JSONResponse({"error": text}, status, headers)


def _damaged(_request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, HTTPStatus.SERVICE_UNAVAILABLE)


def _failed(request: Request, error: Exception) -> Response:
    """Never with what was sent: it may hold a PIN."""
    structlog.get_logger("console").error(
        "an answer failed", path=request.url.path[:80], kind=type(error).__name__
    )
    text = "the console failed: its log says where; a stop is still taken"
    return JSONResponse({"error": text}, HTTPStatus.INTERNAL_SERVER_ERROR)
