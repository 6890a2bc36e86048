"""A connection that carries messages as they are: a recorder judges nothing and refuses nothing."""

import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from calmloop.base.settings import ServiceSettings
from calmloop.bus.connection import client_id
from calmloop.bus.mqtt import PahoTransport
from calmloop.bus.transport import RawMessage, Subscription, Transport
from calmloop.caregiver.connection import await_broker
from calmloop.contract import topics
from calmloop.contract.messages.service import Presence, ServiceStatus
from calmloop.contract.topics import Account


@contextmanager
def raw_connection(
    settings: ServiceSettings,
    subscriptions: Iterable[Subscription] = (),
    on_message: Callable[[RawMessage], None] = lambda _message: None,
) -> Iterator[Transport]:
    """A connection for as long as the context is open.

    Args:
        settings: Where the broker is, and which chair.
        subscriptions: What to receive.
        on_message: Called for each message, within the connection's `wait`.

    Raises:
        NotConnectedError: no broker answers within 5 s, or it refuses the credentials.
    """
    instance = f"{settings.instance[:50]}-{secrets.token_hex(4)}"
    transport = PahoTransport(
        settings.mqtt, client_id(settings.chair_id, Account.CAREGIVER, instance)
    )
    for subscription in subscriptions:
        transport.subscribe(subscription)
    try:
        transport.start(_will(settings.chair_id, instance), on_message, lambda: None)
        await_broker(transport, settings)
        yield transport
    finally:
        transport.close()


def _will(chair_id: str, instance: str) -> RawMessage:
    status = ServiceStatus(service=Account.CAREGIVER, instance=instance, presence=Presence.OFFLINE)
    name = topics.SERVICE_STATUS.name(chair_id, service=Account.CAREGIVER, instance=instance)
    return RawMessage(name, status.model_dump_json().encode(), expiry_s=topics.STATUS_EXPIRY_S)
