"""The OpenAPI document of the interface, made from its addresses and the models behind them."""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from http import HTTPStatus
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from calmloop.caregiver_console.access import CSRF, check_trusted
from calmloop.caregiver_console.ways import BASE, JSON, Way

EVERY = (HTTPStatus.FORBIDDEN, HTTPStatus.SERVICE_UNAVAILABLE)
"""Another site's page or a strange name; a file of the console's own that is damaged."""
OF_LOGIN = (HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS)
OF_BODY = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
_Key = tuple[str, str]
_Schemas = dict[tuple[_Key, JsonSchemaMode], Any]


class Described:
    """Addresses, and one more that describes them all.

    Attributes:
        ways: All of them.
    """

    def __init__(self, ways: Sequence[Way], cookie: str) -> None:
        """Makes the document when it is first asked for.

        Args:
            ways: Every address but the document's own.
            cookie: The name of the login's.
        """
        self.ways = (*ways, Way("GET", f"{BASE}/openapi.json", self.describe))
        self._cookie = cookie

    async def describe(self, request: Request) -> Response:
        """This document."""
        check_trusted(request)
        return JSONResponse(self.document)

    @cached_property
    def document(self) -> dict[str, Any]:
        """What OpenAPI 3.1 says of them."""
        schemas, definitions = TypeAdapter.json_schemas(
            [each for way in self.ways for each in _models(way)],
            ref_template="#/components/schemas/{model}",
        )
        paths: dict[str, Any] = {}
        for way in self.ways:
            path = re.sub(r":\w+}", "}", way.path)
            paths.setdefault(path, {})[way.method.lower()] = _operation(way, schemas)
        return {
            "openapi": "3.1.0",
            "info": {
                "title": "Calmloop caregiver console",
                "version": "1",
                "description": f"Commands go over a WebSocket at {BASE}/commands, too.",
            },
            "paths": paths,
            "components": {
                "schemas": definitions.get("$defs", {}),
                "securitySchemes": {
                    "login": {"type": "apiKey", "in": "cookie", "name": self._cookie},
                    "csrf": {"type": "apiKey", "in": "header", "name": CSRF},
                },
            },
        }


def _models(way: Way) -> Iterable[tuple[_Key, JsonSchemaMode, TypeAdapter[Any]]]:
    key = f"{way.method} {way.path}"
    yield (key, "answer"), "serialization", TypeAdapter(way.answer)
    yield (key, "refused"), "serialization", TypeAdapter(way.refused)
    if way.body is not None:
        yield (key, "body"), "validation", TypeAdapter(way.body)
    for name, type_ in {**way.path_values, **way.query_values}.items():
        yield (key, name), "validation", TypeAdapter(type_)


def _operation(way: Way, schemas: _Schemas) -> dict[str, Any]:
    key = f"{way.method} {way.path}"
    answer = schemas[(key, "answer"), "serialization"]
    refused = schemas[(key, "refused"), "serialization"]
    told: dict[str, Any] = {
        "operationId": way.name,
        "summary": way.summary,
        "responses": {
            str(int(way.status)): _response(way.status, way.media_type, answer),
            **{str(int(each)): _response(each, JSON, refused) for each in _refusals(way)},
        },
    }
    values = [
        {
            "name": name,
            "in": place,
            "required": place == "path",
            "schema": schemas[(key, name), "validation"],
        }
        for place, named in (("path", way.path_values), ("query", way.query_values))
        for name in named
    ]
    if values:
        told["parameters"] = values
    if way.body is not None:
        body = schemas[(key, "body"), "validation"]
        told["requestBody"] = {"required": True, "content": {JSON: {"schema": body}}}
    if way.login:
        told["security"] = [{"login": []} | ({} if way.method == "GET" else {"csrf": []})]
    return told


def _refusals(way: Way) -> list[HTTPStatus]:
    has_values = way.path_values or way.query_values
    found = {
        *EVERY,
        *way.refusals,
        *(OF_LOGIN if way.login else ()),
        *(OF_BODY if way.body is not None else ()),
        *((HTTPStatus.UNPROCESSABLE_ENTITY,) if has_values else ()),
        # With a line break in it an address is none.
        *((HTTPStatus.NOT_FOUND,) if way.path_values else ()),
    }
    return sorted(found)


def _response(status: HTTPStatus, media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": status.phrase, "content": {media_type: {"schema": schema}}}
