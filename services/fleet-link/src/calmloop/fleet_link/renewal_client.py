"""Asks the centre for a certificate, over HTTPS."""

import http.client
import json
import ssl
from pathlib import Path

from calmloop.contract.messages.fleet import DeviceCertificate

ENROL, RENEW = "/v1/enrol", "/v1/renew"
TIMEOUT_S = 20.0
MAX_ANSWER_BYTES = 16_384


def trusting(authority: Path) -> ssl.SSLContext:
    """Trusts one authority alone.

    Raises:
        OSError: it is no certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(authority)
    return context


def ask_centre(
    host: str, port: int, context: ssl.SSLContext, target: str, body: bytes = b""
) -> DeviceCertificate:
    """What the centre has signed.

    Raises:
        OSError: it cannot be reached, refuses, or answers something else.
    """
    connection = http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=context)
    try:
        connection.request("POST", target, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        read = answer.read(MAX_ANSWER_BYTES)
        if answer.status != http.HTTPStatus.CREATED:
            raise OSError(f"it says {answer.status}: {_detail(read)}")
        return DeviceCertificate.model_validate_json(read)
    except ssl.SSLError:
        raise  # one of them is a ValueError, too
    except (http.client.HTTPException, ValueError) as error:
        raise OSError(f"it answers nonsense: {type(error).__name__}") from None
    finally:
        connection.close()


def _detail(body: bytes) -> str:
    try:
        return str(json.loads(body)["detail"])[:150]
    except (ValueError, KeyError, TypeError):
        return ""
