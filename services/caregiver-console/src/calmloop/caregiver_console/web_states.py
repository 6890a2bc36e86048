"""What is read: pages, events, what is missing, where the chair is used."""

from http import HTTPStatus

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from calmloop.caregiver_console.access import allowed_actor, check_trusted
from calmloop.caregiver_console.actors import Role
from calmloop.caregiver_console.answers import ContextAnswer, MissingList, ScenarioList
from calmloop.caregiver_console.backstage import Backstage
from calmloop.caregiver_console.bodies import HttpError, RequestBody
from calmloop.caregiver_console.events import EventClient
from calmloop.caregiver_console.face_rule import Ground, GroundKind
from calmloop.caregiver_console.missing import missing
from calmloop.contract.messages.session import Mode

LASTING = "public, max-age=31536000, immutable"


class GroundRequest(BaseModel):
    """A ground that is recorded; without a kind it is taken back."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: GroundKind | None
    text: str = Field("", max_length=1000)


class StateWays:
    """What is asked about states."""

    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage

    async def page(self, request: Request) -> Response:
        """One file of the pages."""
        found = self._backstage.shelf.find(request.url.path)
        if found is None:
            raise HttpError(HTTPStatus.NOT_FOUND, "there is no such page: / and /child are")
        headers = {
            "etag": found.etag,
            "cache-control": LASTING if found.lasting else "no-cache",
        }
        if request.headers.get("if-none-match") == found.etag:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(found.body, headers={**headers, "content-type": found.content_type})

    async def missing(self, request: Request) -> MissingList:
        """What is missing before a session can start."""
        check_trusted(request)
        manual = _mode(request) is Mode.MANUAL
        refusal = self._backstage.rule.refusal
        found = missing(self._backstage.seen(), manual=manual, face_refusal=refusal)
        return MissingList(ready=not found, missing=found)

    async def scenarios(self, request: Request) -> ScenarioList:
        """What may be played."""
        check_trusted(request)
        listed = self._backstage.scenarios()
        return ScenarioList(scenarios=listed.scenarios, contraindications=listed.contraindications)

    async def context(self, request: Request) -> ContextAnswer:
        """Where the chair is used, and what follows for the camera."""
        check_trusted(request)
        return self._context()

    async def record_ground(
        self, request: Request, body: RequestBody[GroundRequest]
    ) -> ContextAnswer:
        """Records a medical or safety ground, or takes it back."""
        actor = allowed_actor(self._backstage, request, Role.TECHNICIAN)
        given = await body.read()
        ground = None
        if given.kind is not None:
            if len(given.text.strip()) < 10:
                raise HttpError(
                    HTTPStatus.UNPROCESSABLE_ENTITY,
                    "text: at least 10 characters: which reason, and who decided it",
                )
            ground = Ground(kind=given.kind, text=given.text.strip())
        try:
            self._backstage.rule.record(ground, actor.name, self._backstage.utc_now())
        except OSError as error:
            raise HttpError(
                HTTPStatus.INSUFFICIENT_STORAGE, f"not recorded: {error.strerror}: free some space"
            ) from None
        self._backstage.record(actor, "ground", given.model_dump(mode="json"))
        return self._context()

    def _context(self) -> ContextAnswer:
        rule = self._backstage.rule
        return ContextAnswer(
            use_context=rule.context,
            face_allowed=not rule.refusal,
            reason=rule.refusal,
            ground=rule.ground,
        )


def _mode(request: Request) -> Mode:
    try:
        return Mode(request.query_params.get("mode", Mode.ADAPTIVE))
    except ValueError:
        raise HttpError(
            HTTPStatus.UNPROCESSABLE_ENTITY, f"mode: must be one of {', '.join(Mode)}"
        ) from None


class EventsApp:
    """`GET /api/events`, on ASGI itself: it has to cut a client off that does not read."""

    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one page until it goes."""
        connection = HTTPConnection(scope)
        if scope["method"] != "GET":
            answer = JSONResponse({"error": "GET is the only way"}, HTTPStatus.METHOD_NOT_ALLOWED)
            await answer(scope, receive, send)
            return
        backstage = self._backstage
        known = backstage.actor(connection, used=False).known
        client = EventClient(
            known,
            lambda: not known or backstage.login(connection, used=False) is not None,
        )
        if not backstage.hub.join(client):
            text = "too many pages are open: close some"
            answer = JSONResponse({"error": text}, HTTPStatus.SERVICE_UNAVAILABLE)
            await answer(scope, receive, send)
            return
        await backstage.hub.serve(client, receive, send)
