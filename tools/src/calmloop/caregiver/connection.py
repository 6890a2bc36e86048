"""A caregiver's own connection to the broker."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

from calmloop.base.clock import SystemClock
from calmloop.base.errors import NotConnectedError
from calmloop.base.settings import ServiceSettings
from calmloop.bus.bus import Bus
from calmloop.bus.connection import client_id
from calmloop.bus.mqtt import PahoTransport
from calmloop.bus.transport import Transport
from calmloop.caregiver.client import CaregiverClient
from calmloop.contract.topics import Account

CONNECT_S = 5.0


def open_bus(settings: ServiceSettings) -> Bus:
    """A caregiver's bus that is not started yet."""
    # Equal client ids evict each other, and one host may run several commands at once.
    instance = f"{settings.instance[:50]}-{secrets.token_hex(4)}"
    return Bus(
        PahoTransport(settings.mqtt, client_id(settings.chair_id, Account.CAREGIVER, instance)),
        chair_id=settings.chair_id,
        service=Account.CAREGIVER,
        instance=instance,
        clock=SystemClock(),
    )


def await_broker(connection: Bus | Transport, settings: ServiceSettings) -> None:
    """Waits for the broker.

    Raises:
        NotConnectedError: it does not answer within 5 s, or it refuses the credentials.
    """
    deadline = time.monotonic() + CONNECT_S
    while not connection.connected:
        if time.monotonic() > deadline:
            why = connection.trouble or "it does not answer: check that it runs"
            raise NotConnectedError(
                f"no connection to {settings.mqtt.host}:{settings.mqtt.port}: {why}; the settings"
                " are CALMLOOP_MQTT__HOST, __PORT, __USERNAME, __PASSWORD_FILE and __TLS_CA_FILE"
            )
        connection.wait(max(0.0, deadline - time.monotonic()))


@contextmanager
def connected(settings: ServiceSettings) -> Iterator[CaregiverClient]:
    """A caregiver's client on a connection of its own, for as long as the context is open.

    Raises:
        NotConnectedError: no broker answers within 5 s, or it refuses the credentials.
    """
    bus = open_bus(settings)
    client = CaregiverClient(bus)
    try:
        bus.start()
        await_broker(bus, settings)
        yield client
    finally:
        bus.close()
