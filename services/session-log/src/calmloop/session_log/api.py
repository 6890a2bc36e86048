"""The HTTP interface: what is kept, for the console and for exports; what people enter."""

import hmac
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from calmloop.contract.messages.fleet import FleetAck, FleetBatch
from calmloop.contract.messages.log import LogState
from calmloop.session_log.bounds import RequestBounds
from calmloop.session_log.desk import LogDesk
from calmloop.session_log.entries import (
    Children,
    Code,
    ErasedChild,
    EventPage,
    HttpFault,
    KeepDays,
    KeptEntry,
    LogEntry,
    SamplePage,
    SessionPage,
)
from calmloop.session_log.errors import (
    LogError,
    NotOpenError,
    UnknownRecordError,
    UnwritableLogError,
)
from calmloop.session_log.keys import CHAIR
from calmloop.session_log.outbox_desk import OutboxDesk
from calmloop.session_log.records import ChildSummary, LogEvent, LogEventKind, SessionSummary

MAX_PAGE = 1000
MAX_SAMPLES = 5000
STATUS = {UnknownRecordError: 404, UnwritableLogError: 503, NotOpenError: 503}
ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": HttpFault, "description": "The body is no JSON in UTF-8."},
    401: {"model": HttpFault, "description": "No token, or none that is known."},
    403: {"model": HttpFault, "description": "The token may only read."},
    404: {"model": HttpFault, "description": "There is no such child or session."},
    409: {"model": HttpFault, "description": "It does not fit with what is kept."},
    422: {"model": HttpFault, "description": "A value is out of its bounds."},
    503: {"model": HttpFault, "description": "Busy, being checked, or the disk is full."},
}

ChildCode = Annotated[Code, Path()]
SessionId = Annotated[str, Path(min_length=1, max_length=64)]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE)]
After = Annotated[int, Query(ge=0, le=1 << 62, description="The `after` of the page before.")]


def build_app(
    desk: LogDesk, read_token: str, write_token: str, outbox: OutboxDesk | None = None
) -> FastAPI:
    """The application.

    Args:
        desk: What answers.
        read_token: Who has it may read.
        write_token: Who has it may read, enter and erase.
        outbox: What answers who has its token, and nobody else; None: nothing leaves.
    """
    may_read, may_write = _guard(read_token, write_token), _guard("", write_token)
    app = FastAPI(
        title="Calmloop session log",
        version="1",
        description="What happened in the chair. Every request carries `Authorization: Bearer`.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    _explain_errors(app)
    reading = APIRouter(prefix="/v1", dependencies=[Depends(may_read)], responses=ERRORS)
    _add_children(reading, desk)
    _add_sessions(reading, desk)
    app.include_router(reading)
    writing = APIRouter(prefix="/v1", dependencies=[Depends(may_write)], responses=ERRORS)
    _add_writing(writing, desk)
    app.include_router(writing)
    if outbox:
        may_take = _guard("", outbox.token)
        leaving = APIRouter(prefix="/v1/outbox", dependencies=[Depends(may_take)], responses=ERRORS)
        _add_outbox(leaving, outbox)
        app.include_router(leaving)
    app.add_middleware(RequestBounds)
    return app


def openapi_document() -> dict[str, Any]:
    """What the service says of its addresses, without one that runs."""
    nothing: Any = None
    return build_app(nothing, "", "").openapi()


def _guard(read_token: str, write_token: str) -> Callable[..., None]:
    bearer = HTTPBearer(auto_error=False)

    def check(
        given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    ) -> None:
        token = given.credentials.encode() if given else b""
        if hmac.compare_digest(token, write_token.encode()):
            return
        if read_token and hmac.compare_digest(token, read_token.encode()):
            return
        if read_token or not token:
            raise HTTPException(401, "no token that is known: send Authorization: Bearer TOKEN")
        raise HTTPException(403, "this token may not do that: send the one that may")

    return check


def _explain_errors(app: FastAPI) -> None:
    @app.exception_handler(LogError)
    def _refuse(_request: Request, error: LogError) -> JSONResponse:
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 409)
        return JSONResponse({"detail": str(error)}, status)

    @app.exception_handler(RequestValidationError)
    def _explain(_request: Request, error: RequestValidationError) -> JSONResponse:
        faults = error.errors()[:5]
        words = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults]
        return JSONResponse({"detail": "; ".join(words)[:1000]}, 422)


def _add_children(app: APIRouter, desk: LogDesk) -> None:
    @app.get("/state")
    def state() -> LogState:
        """Whether what happens is kept, and what is wrong."""
        return desk.state()

    @app.get("/children")
    def children() -> Children:
        """All children of whom something is kept."""
        return Children(children=desk.reader.children())

    @app.get("/children/{code}")
    def child(code: ChildCode) -> ChildSummary:
        """One of them."""
        return desk.reader.child(code)

    @app.get("/children/{code}/events")
    def child_events(
        code: ChildCode,
        kind: Annotated[list[LogEventKind] | None, Query(description="Only these.")] = None,
        after: After = 0,
        limit: Limit = 200,
    ) -> EventPage:
        """A child's events, those outside a session too."""
        return _event_page(desk.reader.events(code, kind or (), after, limit))

    @app.get("/events")
    def chair_events(
        kind: Annotated[list[LogEventKind] | None, Query(description="Only these.")] = None,
        after: After = 0,
        limit: Limit = 200,
    ) -> EventPage:
        """What happened to the chair outside every session."""
        return _event_page(desk.reader.events(CHAIR, kind or (), after, limit))


def _add_sessions(app: APIRouter, desk: LogDesk) -> None:
    @app.get("/sessions")
    def sessions(
        child: Annotated[Code | None, Query()] = None,
        before_ms: Annotated[int | None, Query(ge=0, le=1 << 62)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> SessionPage:
        """Sessions, the newest first."""
        found = desk.reader.sessions(child, before_ms, limit)
        return SessionPage(
            sessions=found, before_ms=found[-1].began_ms if len(found) == limit else None
        )

    @app.get("/sessions/{session}")
    def session(session: SessionId) -> SessionSummary:
        """One session."""
        return desk.reader.session(session)

    @app.get("/sessions/{session}/events")
    def session_events(session: SessionId, after: After = 0, limit: Limit = 200) -> EventPage:
        """Its events: every change with its reason and signals, alarms, overrides, notes."""
        return _event_page(desk.reader.session_events(session, after, limit))

    @app.get("/sessions/{session}/samples")
    def session_samples(
        session: SessionId,
        after_ms: After = 0,
        limit: Annotated[int, Query(ge=1, le=MAX_SAMPLES)] = 1000,
    ) -> SamplePage:
        """Its samples, about two a second."""
        samples, unreadable, more = desk.reader.samples(session, after_ms, limit)
        return SamplePage(samples=samples, unreadable=unreadable, after_ms=more)


def _add_writing(app: APIRouter, desk: LogDesk) -> None:
    @app.post("/entries", status_code=201)
    def enter(entry: LogEntry) -> KeptEntry:
        """Keeps what a person entered: it is on the disk when this answers."""
        return desk.enter(entry)

    @app.put("/children/{code}")
    def keep(code: ChildCode, body: KeepDays) -> ChildSummary:
        """Sets how long a child's sessions are kept."""
        return desk.set_keep_days(code, body.keep_days, body.by)

    @app.delete("/children/{code}")
    def erase(
        code: ChildCode,
        confirm: Annotated[str, Query(max_length=40, description="The code again.")],
    ) -> ErasedChild:
        """Erases all that is kept of a child, for good, in every copy of the log."""
        if confirm != code:
            raise HTTPException(409, f"confirm = {confirm!r}: has to be {code!r}, to erase it")
        return desk.erase(code)


def _add_outbox(app: APIRouter, desk: OutboxDesk) -> None:
    @app.get("")
    def batch() -> FleetBatch | None:
        """The oldest that wait for the centre; null: nothing does."""
        return desk.batch()

    @app.post("/acknowledged", status_code=204)
    def acknowledge(ack: FleetAck) -> None:
        """The centre holds all up to a number: it does not wait any more."""
        desk.acknowledge(ack)


def _event_page(found: tuple[list[LogEvent], int, int | None]) -> EventPage:
    events, unreadable, more = found
    return EventPage(events=events, unreadable=unreadable, after=more)
