"""What devices ask over HTTPS: a first certificate by a code, another by the one they have."""

from http import HTTPStatus
from typing import Protocol

import psycopg
import structlog
from cryptography import x509
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from calmloop.base.clock import Clock
from calmloop.base.errors import InputError
from calmloop.base.lockout import Lockout
from calmloop.contract.messages.fleet import DeviceCertificate, EnrolmentRequest
from calmloop.fleet_centre.authority import FleetAuthority, SignedCertificate, chair_named
from calmloop.fleet_centre.broker import BrokerAccountError
from calmloop.fleet_centre.codes import OneTimeCode, parsed_code
from calmloop.fleet_centre.register import FleetRegister
from calmloop.fleet_centre.serving import failed, peer_of

MAX_BODY_BYTES = 8192
NO_NAME = "-"
"""By which what can be no code is counted."""
AWAY = "the centre's database or broker is away: try again later"
WRONG = "this code is none, is used, or is over: ask for another"


class EnrolmentRefusedError(InputError):
    """Why a device gets no certificate, and the status that says so."""

    def __init__(self, status: HTTPStatus, detail: str, retry_s: float = 0.0) -> None:
        super().__init__(detail)
        self.status, self.detail, self.retry_s = status, detail, retry_s


class Admitting(Protocol):
    """What gives a chair its account at the broker."""

    def admit(self, chair: str) -> None:
        """Raises BrokerAccountError, InputError."""


class Enrolment:
    """Decides who gets a certificate; each call may block on the database."""

    def __init__(
        self,
        register: FleetRegister,
        authority: FleetAuthority,
        broker: Admitting,
        clock: Clock,
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        self._register, self._authority, self._broker = register, authority, broker
        self._clock, self._log = clock, log
        self._lockout = Lockout(clock)

    def enrol(self, asked: EnrolmentRequest, address: str) -> DeviceCertificate:
        """A first certificate, for a code that fits.

        Raises:
            EnrolmentRefusedError: the code does not fit, or too many before it did not.
            InputError: the request is none.
            psycopg.Error, BrokerAccountError: what has to keep it is away; the code stays good.
        """
        code = parsed_code(asked.code)
        name = code.name if code else NO_NAME
        if (locked_s := self._lockout.locked_s(name, address)) > 0.0:
            status = HTTPStatus.TOO_MANY_REQUESTS
            raise EnrolmentRefusedError(status, "too many wrong codes", locked_s)
        used = self._use(code, asked.request) if code else None
        if used is None:
            self._lockout.fail(name, address)
            self._log.warning("a code does not fit", address=address)
            raise EnrolmentRefusedError(HTTPStatus.FORBIDDEN, WRONG)
        self._lockout.succeed(name, address)
        chair, signed = used
        self._log.info("is in the fleet", chair=chair, serial=signed.serial, address=address)
        return DeviceCertificate(chair=chair, certificate=signed.pem)

    def renew(self, held: x509.Certificate) -> DeviceCertificate:
        """A further certificate for whoever has one.

        Raises:
            EnrolmentRefusedError: the chair is not in the fleet, or the old one is good for long.
            psycopg.Error: the database is away.
        """
        chair = chair_named(held)
        gone = EnrolmentRefusedError(HTTPStatus.FORBIDDEN, "this chair is not in the fleet")
        if not self._register.is_in(chair):
            raise gone
        try:
            signed = self._authority.renew(chair, held, self._clock.utc_now())
        except InputError as error:
            raise EnrolmentRefusedError(HTTPStatus.CONFLICT, str(error)) from None
        if not self._register.renew(chair, signed):
            raise gone
        self._log.info("is renewed", chair=chair, serial=signed.serial)
        return DeviceCertificate(chair=chair, certificate=signed.pem)

    def _use(self, code: OneTimeCode, request: str) -> tuple[str, SignedCertificate] | None:
        now = self._clock.utc_now()

        def sign(chair: str) -> SignedCertificate:
            signed = self._authority.enrol(chair, request, now)
            self._broker.admit(chair)
            return signed

        return self._register.use_code(code, now, sign)


def enrolment_app(enrolment: Enrolment) -> Starlette:
    """The two addresses."""

    async def enrol(request: Request) -> Response:
        asked = EnrolmentRequest.model_validate_json(await _body(request))
        address = request.client.host if request.client else ""
        return _answer(await run_in_threadpool(enrolment.enrol, asked, address))

    async def renew(request: Request) -> Response:
        held = peer_of(request)
        if held is None:
            raise EnrolmentRefusedError(
                HTTPStatus.UNAUTHORIZED, "show the certificate that is to be renewed"
            )
        return _answer(await run_in_threadpool(enrolment.renew, held))

    return Starlette(
        routes=[
            Route("/v1/enrol", enrol, methods=["POST"]),
            Route("/v1/renew", renew, methods=["POST"]),
        ],
        exception_handlers={
            EnrolmentRefusedError: _refused,
            InputError: _unfit,
            ValidationError: _unfit,
            psycopg.Error: _away,
            BrokerAccountError: _away,
            Exception: failed,
        },
    )


def _answer(made: DeviceCertificate) -> Response:
    return JSONResponse(made.model_dump(mode="json"), HTTPStatus.CREATED)


async def _body(request: Request) -> bytes:
    """What was sent, as far as it may be.

    Raises:
        EnrolmentRefusedError: it is too much.
    """
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY_BYTES:
            raise EnrolmentRefusedError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"{MAX_BODY_BYTES} bytes at most"
            )
    return body


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, EnrolmentRefusedError)
    headers = {"Retry-After": f"{error.retry_s:.0f}"} if error.retry_s else None
    return JSONResponse({"detail": error.detail}, error.status, headers)


async def _unfit(_request: Request, error: Exception) -> Response:
    known = isinstance(error, InputError)
    detail = str(error) if known else "the body is no request for a certificate"
    return JSONResponse({"detail": detail}, HTTPStatus.UNPROCESSABLE_ENTITY)


async def _away(_request: Request, error: Exception) -> Response:
    structlog.get_logger("fleet-centre").error("away", reason=repr(error)[:300])
    return JSONResponse({"detail": AWAY}, HTTPStatus.SERVICE_UNAVAILABLE)
