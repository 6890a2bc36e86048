"""How another screen comes to trust this console: the device's own authority, no secret."""

import hashlib
import ssl
from collections.abc import Collection
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from calmloop.caregiver_console.access import check_trusted
from calmloop.caregiver_console.answers import AuthorityAnswer
from calmloop.caregiver_console.backstage import Backstage
from calmloop.caregiver_console.bodies import HttpError

BEGIN = b"-----BEGIN CERTIFICATE-----"


class TrustWays:
    """What is asked before a screen trusts."""

    def __init__(self, backstage: Backstage, names: Collection[str]) -> None:
        self._backstage, self._names = backstage, sorted(names)

    async def certificate(self, request: Request) -> Response:
        """The certificate that a tablet has to trust once."""
        check_trusted(request)
        data = self._pem()
        if not data:
            raise HttpError(HTTPStatus.NOT_FOUND, "this console has no authority of its own")
        headers = {"content-disposition": 'attachment; filename="calmloop-ca.crt"'}
        return Response(data, headers=headers, media_type="application/x-x509-ca-cert")

    async def authority(self, request: Request) -> AuthorityAnswer:
        """By what a person knows the authority, and where another screen finds this console."""
        check_trusted(request)
        try:
            der = ssl.PEM_cert_to_DER_cert(self._pem().decode("ascii")) if self._pem() else b""
        except ValueError:
            der = b""
        mark = hashlib.sha256(der).hexdigest() if der else None
        return AuthorityAnswer(fingerprint=mark, names=self._names)

    def _pem(self) -> bytes:
        """Empty where there is none; only the certificate, whatever else the file holds."""
        try:
            data = self._backstage.authority.read_bytes() if self._backstage.authority else b""
        except OSError:
            return b""
        return data if data.startswith(BEGIN) else b""
