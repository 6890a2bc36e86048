"""Logging in and out, and who may."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from calmloop.base.errors import ConfigurationError, InputError
from calmloop.caregiver_console.access import allowed_actor, check_rate, check_trusted
from calmloop.caregiver_console.actors import ANYBODY, Actor, Role
from calmloop.caregiver_console.answers import RemovedUser, UserEntry, Users, Who
from calmloop.caregiver_console.backstage import Backstage, address_of
from calmloop.caregiver_console.bodies import HttpError, RequestBody
from calmloop.caregiver_console.logins import LONGEST_S, actor_of
from calmloop.caregiver_console.people import pin_fits

MAX_WAITING = 8
"""Logins that may wait while one is checked: each takes 19 MiB for a while, one at a time."""


class Credentials(BaseModel):
    """What somebody logs in with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=40)
    pin: SecretStr = Field(min_length=1, max_length=64)


class NewUser(Credentials):
    """What a technician gives somebody."""

    role: Role


class PeopleWays:
    """What is asked about people."""

    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage
        self._thread = ThreadPoolExecutor(1, "pins")
        self._waiting = 0

    async def login(
        self, request: Request, body: RequestBody[Credentials]
    ) -> Annotated[Response, Who]:
        """A cookie for a name and its PIN."""
        check_trusted(request)
        check_rate(self._backstage, request)
        given = await body.read()
        address = address_of(request)
        self._check_lock(given.name, address)
        user = self._backstage.users.find(given.name)
        fits = await self._in_thread(pin_fits, user, given.pin.get_secret_value())
        # Others may have tried meanwhile.
        self._check_lock(given.name, address)
        if user is None or not fits:
            self._backstage.lockout.fail(given.name, address)
            self._backstage.record(ANYBODY, "login-failed", {"address": address})
            raise HttpError(HTTPStatus.UNAUTHORIZED, "name or PIN is wrong")
        self._backstage.lockout.succeed(given.name, address)
        self._backstage.logins.close(self._backstage.secret(request))
        secret, login = self._backstage.logins.open(user)
        self._backstage.record(actor_of(login), "login", {"address": address})
        answer = JSONResponse(Who.of(login).model_dump(mode="json"))
        answer.set_cookie(
            self._backstage.cookie,
            secret,
            max_age=round(LONGEST_S),
            httponly=True,
            samesite="strict",
            secure=self._backstage.secure,
        )
        return answer

    async def logout(self, request: Request) -> Annotated[Response, Who]:
        """Ends a login, if there is one; needs no token, since it takes rights away."""
        check_trusted(request)
        if (login := self._backstage.login(request)) is not None:
            self._backstage.record(actor_of(login), "logout", {})
        self._backstage.logins.close(self._backstage.secret(request))
        answer = JSONResponse(Who().model_dump(mode="json"))
        answer.delete_cookie(
            self._backstage.cookie,
            httponly=True,
            samesite="strict",
            secure=self._backstage.secure,
        )
        return answer

    async def me(self, request: Request) -> Who:
        """Who has logged in here."""
        check_trusted(request)
        return Who.of(self._backstage.login(request))

    async def users(self, request: Request) -> Users:
        """Who may log in."""
        allowed_actor(self._backstage, request, Role.TECHNICIAN)
        users = self._backstage.users.users
        return Users(users=[UserEntry(name=user.name, role=user.role) for user in users])

    async def add_user(self, request: Request, body: RequestBody[NewUser]) -> UserEntry:
        """Adds somebody, or gives them another PIN and role; their logins end."""
        actor = allowed_actor(self._backstage, request, Role.TECHNICIAN)
        given = await body.read()
        pin = given.pin.get_secret_value()
        with_errors = _Told(self._backstage.users.add)
        await self._in_thread(with_errors, given.name, pin, given.role)
        self._note(actor, "user-added", given.name, given.role)
        return UserEntry(name=given.name, role=given.role)

    async def remove_user(self, request: Request) -> RemovedUser:
        """Removes somebody; their logins end."""
        actor = allowed_actor(self._backstage, request, Role.TECHNICIAN)
        name = request.path_params["name"]
        _Told(self._backstage.users.remove)(name)
        self._note(actor, "user-removed", name, None)
        return RemovedUser(name=name)

    def close(self) -> None:
        """Lets the thread go."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _note(self, actor: Actor, what: str, name: str, role: Role | None) -> None:
        self._backstage.record(actor, what, {"name": name, "role": role and role.value})

    def _check_lock(self, name: str, address: str) -> None:
        locked_s = self._backstage.lockout.locked_s(name, address)
        if locked_s > 0.0:
            raise HttpError(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"locked out after wrong PINs: try again in {locked_s:.0f} s",
                retry_s=round(locked_s, 1),
            )

    async def _in_thread(self, call: Any, *arguments: Any) -> Any:
        if self._waiting >= MAX_WAITING:
            raise HttpError(
                HTTPStatus.TOO_MANY_REQUESTS, "many log in at once: try again", retry_s=1.0
            )
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, call, *arguments)
        finally:
            self._waiting -= 1


class _Told:
    """A call whose refusals are the request's."""

    def __init__(self, call: Any) -> None:
        self._call = call

    def __call__(self, *arguments: Any) -> Any:
        try:
            return self._call(*arguments)
        except InputError as error:
            raise HttpError(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from None
        except (ConfigurationError, OSError) as error:
            raise HttpError(HTTPStatus.INSUFFICIENT_STORAGE, str(error)) from None
