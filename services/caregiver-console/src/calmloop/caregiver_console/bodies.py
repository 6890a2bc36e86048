"""Bodies of requests, bounded in size and time, and refusals that say what to do."""

import asyncio
from http import HTTPStatus
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from calmloop.base.errors import CalmloopError

MAX_BODY_BYTES = 16 * 1024
BODY_S = 5.0
ModelT = TypeVar("ModelT", bound=BaseModel)


class HttpError(CalmloopError):
    """A request that is refused, with its status and, in words, why and what to do."""

    def __init__(self, status: HTTPStatus, text: str, **more: Any) -> None:
        super().__init__(text)
        self.status, self.text, self.more = status, text, more


def refused(_request: Request, error: Exception) -> Response:
    """The answer to a request that raised an `HttpError`."""
    assert isinstance(error, HttpError)
    # What is left of a body is not read: the connection goes.
    close = {"connection": "close"} if error.status in _LEAVES_REST else {}
    return JSONResponse({"error": error.text, **error.more}, error.status, headers=close)


_LEAVES_REST = frozenset({HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.REQUEST_TIMEOUT})


class RequestBody(Generic[ModelT]):
    """A request's body, which is read when who asks may ask."""

    def __init__(self, request: Request, model: type[ModelT]) -> None:
        self._request, self._model = request, model

    async def read(self) -> ModelT:
        """The body as a model.

        Raises:
            HttpError: 413 over 16 KiB, 408 after 5 s, 422 where it is not what is asked for.
        """
        return parsed(await _bytes(self._request), self._model)


def parsed(body: bytes | str, model: type[ModelT]) -> ModelT:
    """JSON as a model.

    Raises:
        HttpError: 422, without what was sent: it may hold a PIN.
    """
    try:
        return model.model_validate_json(body, strict=True)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in fault["loc"]) or "body"
        raise HttpError(HTTPStatus.UNPROCESSABLE_ENTITY, f"{place}: {fault['msg']}") from None


async def _bytes(request: Request) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_BODY_BYTES:
                    raise HttpError(
                        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                        f"body: more than {MAX_BODY_BYTES} bytes: send less",
                    )
    except TimeoutError:
        raise HttpError(
            HTTPStatus.REQUEST_TIMEOUT, f"body: it did not come within {BODY_S:g} s: send it again"
        ) from None
    except ClientDisconnect:
        raise HttpError(HTTPStatus.BAD_REQUEST, "body: the connection ended before it") from None
    return bytes(body)
