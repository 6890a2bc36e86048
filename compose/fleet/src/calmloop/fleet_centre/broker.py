"""Accounts of chairs at the broker, by RabbitMQ's management interface.

A chair has no password: its certificate alone lets it in, to its own two topics. Accounts of others
have another tag, and are never touched.
"""

import base64
import http.client
import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from calmloop.base.errors import CalmloopError, InputError
from calmloop.contract.fleet_topics import ack_topic, routing_key, up_topic

TIMEOUT_S = 10.0
PORT = 15672
TAG = "chair"
HOST = quote("/", safe="")
"""RabbitMQ's virtual host."""
EXCHANGE = "amq.topic"
MAX_ANSWER_BYTES = 64 * 1024


class BrokerAccountError(CalmloopError):
    """The broker's management interface does not do what it is asked."""


class BrokerAccounts:
    """Makes and ends accounts of chairs."""

    def __init__(self, addresses: Sequence[str]) -> None:
        """Args: addresses: of each node, http://USER:PASSWORD@HOST:PORT; an administrator's."""
        nodes = [urlsplit(address) for address in addresses]
        self._nodes = [(at.hostname or "", at.port or PORT) for at in nodes]
        at = nodes[0]
        words = f"{unquote(at.username or '')}:{unquote(at.password or '')}".encode()
        basic = f"Basic {base64.b64encode(words).decode()}"
        self._headers = {"Authorization": basic, "Content-Type": "application/json"}

    def admit(self, chair: str) -> None:
        """Gives a chair its account, if it has none.

        Raises:
            InputError: an account of this name is another's.
            BrokerAccountError: the broker does not do it.
        """
        self._check_is_chair(chair)
        self._ask("PUT", f"/api/users/{chair}", {"password_hash": "", "tags": TAG})
        self._ask("PUT", f"/api/permissions/{HOST}/{chair}", permissions(chair))
        self._ask("PUT", f"/api/topic-permissions/{HOST}/{chair}", topic_permissions(chair))

    def expel(self, chair: str) -> None:
        """Ends a chair's account, then its connections; it is no fault if there are none.

        Raises:
            InputError: the account of this name is another's.
            BrokerAccountError: the broker does not do it.
        """
        if self._check_is_chair(chair):
            self._ask("DELETE", f"/api/users/{chair}")
        self._ask("DELETE", f"/api/connections/username/{chair}")

    def _check_is_chair(self, chair: str) -> bool:
        """Whether it has an account."""
        account = self._ask("GET", f"/api/users/{chair}")
        if account is not None and TAG not in account.get("tags", ()):
            raise InputError(f"'{chair}': an account at the broker has this name: choose another")
        return account is not None

    def _ask(self, method: str, target: str, body: Any = None) -> Any:
        """What the first node that is there answers; None: there is none."""
        sent = None if body is None else json.dumps(body)
        connection = self._connection()
        try:
            connection.request(method, target, sent, self._headers)
            answer = connection.getresponse()
            read = answer.read(MAX_ANSWER_BYTES)
            if answer.status == HTTPStatus.NOT_FOUND:
                return None
            if answer.status >= HTTPStatus.BAD_REQUEST:
                raise BrokerAccountError(f"the broker says {answer.status} to {method} {target}")
            return json.loads(read) if read else {}
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise BrokerAccountError(f"the broker's management does not answer: {error}") from None
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        reason = "no address"
        for host, port in self._nodes:
            connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
            try:
                connection.connect()
            except OSError as error:
                reason = f"{error}"
            else:
                return connection
        raise BrokerAccountError(f"the broker's management does not answer: {reason}")


def permissions(chair: str) -> dict[str, str]:
    """What a chair may use: its own queue, and the exchange of topics."""
    own = f"mqtt-subscription-{chair}qos[01]"
    both = rf"^({own}|amq\.topic)$"
    return {"configure": f"^{own}$", "write": both, "read": both}


def topic_permissions(chair: str) -> dict[str, str]:
    """Which topics: it writes one and reads the other."""
    write, read = (routing_key(of(chair)).replace(".", r"\.") for of in (up_topic, ack_topic))
    return {"exchange": EXCHANGE, "write": f"^{write}$", "read": f"^{read}$"}
