"""The session log's outbox over HTTP: all that the link may ask of the log."""

import http.client
import json

from pydantic import TypeAdapter

from calmloop.contract.messages.fleet import FleetAck, FleetBatch

TIMEOUT_S = 15.0
"""Longer than the log waits for its disk."""
MAX_ANSWER_BYTES = 8 * 1024 * 1024
ANSWER: TypeAdapter[FleetBatch | None] = TypeAdapter(FleetBatch | None)


class OutboxClient:
    """Takes batches and says what was acknowledged; each call blocks."""

    def __init__(self, host: str, port: int, token: str) -> None:
        self._host, self._port, self._token = host, port, token

    def take(self) -> FleetBatch | None:
        """The oldest that wait; None where nothing does.

        Raises:
            OSError: the log does not answer, or refuses.
            ValueError: it answers something else.
        """
        return ANSWER.validate_json(self._ask("GET", "/v1/outbox", None))

    def acknowledge(self, ack: FleetAck) -> None:
        """The centre holds it.

        Raises:
            OSError: the log does not answer, or refuses.
        """
        self._ask("POST", "/v1/outbox/acknowledged", ack.model_dump_json().encode())

    def _ask(self, method: str, target: str, body: bytes | None) -> bytes:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_S)
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        try:
            connection.request(method, target, body, headers)
            answer = connection.getresponse()
            read = answer.read(MAX_ANSWER_BYTES)
        except http.client.HTTPException as error:
            raise OSError(f"the session log answers nonsense: {error!r}") from None
        finally:
            connection.close()
        if answer.status == http.HTTPStatus.NOT_FOUND:
            raise OSError("the session log has no outbox: set session_log.outbox")
        if answer.status >= http.HTTPStatus.BAD_REQUEST:
            raise OSError(f"the session log says {answer.status}: {_detail(read)}")
        return read


def _detail(body: bytes) -> str:
    try:
        return str(json.loads(body)["detail"])[:150]
    except (ValueError, KeyError, TypeError):
        return ""
