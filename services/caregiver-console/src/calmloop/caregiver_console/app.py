"""The application: every address, and what stands around them."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp

from calmloop.base.errors import ConfigurationError
from calmloop.caregiver_console.backstage import Backstage
from calmloop.caregiver_console.bodies import HttpError, refused
from calmloop.caregiver_console.guard import RequestGuard
from calmloop.caregiver_console.web_children import ChildWays
from calmloop.caregiver_console.web_commands import CommandWays
from calmloop.caregiver_console.web_history import HistoryWays
from calmloop.caregiver_console.web_people import PeopleWays
from calmloop.caregiver_console.web_states import EventsApp, StateWays


def application(backstage: Backstage, names: Collection[str]) -> ASGIApp:
    """What the server runs.

    Args:
        backstage: What the answers are made from.
        names: Names under which browsers may ask, beside addresses and localhost.
    """
    commands, people, states, history, children = (
        CommandWays(backstage),
        PeopleWays(backstage),
        StateWays(backstage),
        HistoryWays(backstage),
        ChildWays(backstage),
    )

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        ticking = asyncio.create_task(backstage.hub.run())
        yield
        ticking.cancel()
        with suppress(asyncio.CancelledError):
            await ticking
        people.close()
        history.close()

    app = Starlette(
        routes=[
            Route("/api/events", EventsApp(backstage)),
            Route("/api/commands", commands.post, methods=["POST"]),
            WebSocketRoute("/api/commands", commands.socket),
            Route("/api/login", people.login, methods=["POST"]),
            Route("/api/logout", people.logout, methods=["POST"]),
            Route("/api/me", people.me),
            Route("/api/users", people.users, methods=["GET"]),
            Route("/api/users", people.add_user, methods=["POST"]),
            Route("/api/users/{name}", people.remove_user, methods=["DELETE"]),
            Route("/api/missing", states.missing),
            Route("/api/scenarios", states.scenarios),
            Route("/api/context", states.context, methods=["GET"]),
            Route("/api/context", states.record_ground, methods=["POST"]),
            Route("/api/children", children.codes),
            Route("/api/children/{code}", children.show, methods=["GET"]),
            Route("/api/children/{code}", children.write, methods=["PUT"]),
            Route("/api/history/entries", history.enter, methods=["POST"]),
            Route("/api/history/{path:path}", history.read),
            Route("/ca.crt", states.authority),
            Route("/{path:path}", states.page),
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


def _unknown(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.NOT_FOUND
    return JSONResponse({"error": f"{HTTPStatus(status).phrase}: API.md has every address"}, status)


def _damaged(_request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, HTTPStatus.SERVICE_UNAVAILABLE)


def _failed(request: Request, error: Exception) -> Response:
    """Never with what was sent: it may hold a PIN."""
    structlog.get_logger("console").error(
        "an answer failed", path=request.url.path[:80], kind=type(error).__name__
    )
    text = "the console failed: its log says where; a stop is still taken"
    return JSONResponse({"error": text}, HTTPStatus.INTERNAL_SERVER_ERROR)
