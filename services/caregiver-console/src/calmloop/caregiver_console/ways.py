"""The addresses of the interface: each stands once, for the server and for its OpenAPI document.

What a request's body is, and what its answer, the handler's own signature says.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from inspect import isroutine
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from calmloop.caregiver_console.answers import Refusal
from calmloop.caregiver_console.bodies import RequestBody

Handler = Callable[..., Awaitable[Response | BaseModel | None]]
BASE = "/api"
JSON = "application/json"


@dataclass(frozen=True)
class Way:
    """One method of one address.

    Attributes:
        handler: Takes the request, and its `RequestBody`, if any; returns a model, or a response
            whose annotation holds the model.
        login: Whether somebody has to have logged in.
        status: Of what is answered.
        refusals: What it may be refused with, beside what every request may.
        refused: The model of these.
        path_values: What stands in the address, by name.
        query_values: What may stand in the query, by name.
        media_type: Of what is answered.
    """

    method: str
    path: str
    handler: Handler
    login: bool = False
    status: HTTPStatus = HTTPStatus.OK
    refusals: tuple[HTTPStatus, ...] = ()
    refused: Any = Refusal
    path_values: Mapping[str, Any] = field(default_factory=dict)
    query_values: Mapping[str, Any] = field(default_factory=dict)
    media_type: str = JSON

    @property
    def body(self) -> type[BaseModel] | None:
        """The model of its body; None without one."""
        for hint in self._hints.values():
            if get_origin(hint) is RequestBody:
                model: type[BaseModel] = get_args(hint)[0]
                return model
        return None

    @property
    def answer(self) -> Any:
        """The model of its answer; Any: JSON that another service makes, or none."""
        answer = self._hints["return"]
        if answer in (Response, NoneType):
            return Any
        return get_args(answer)[1] if get_args(answer) else answer

    @property
    def name(self) -> str:
        """Its own, among all of them."""
        return getattr(self.handler, "__name__", type(self.handler).__name__)

    @property
    def summary(self) -> str:
        """What it is for."""
        return (self.handler.__doc__ or "").strip().splitlines()[0]

    def route(self) -> Route:
        """What the server asks, below BASE."""
        path = self.path.removeprefix(BASE)
        if not isroutine(self.handler):
            return Route(path, self.handler)  # an application of its own
        model, handler, status = self.body, self.handler, self.status

        async def endpoint(request: Request) -> Response:
            given = (RequestBody(request, model),) if model else ()
            answer = await handler(request, *given)
            if isinstance(answer, BaseModel):
                return JSONResponse(answer.model_dump(mode="json"), status)
            assert isinstance(answer, Response)
            return answer

        return Route(path, endpoint, methods=[self.method], name=self.name)

    @property
    def _hints(self) -> dict[str, Any]:
        handler = self.handler if isroutine(self.handler) else type(self.handler).__call__
        return get_type_hints(handler, include_extras=True)
