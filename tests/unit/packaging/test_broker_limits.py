"""The generated broker under load that nobody needs: it lives, and so do the services on it."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from calmloop.compose_init import broker_files
from calmloop.contract import topics
from calmloop.contract.topics import Account
from tests.unit.packaging.generated_broker import (
    CHAIR,
    WAIT_S,
    Accounts,
    Participant,
    generated_broker,
)

CONTAINER_MB = 128
"""`mem_limit` of the broker in compose.yaml."""
OVERRIDE = topics.OVERRIDE_SET.name(CHAIR)
BEAT = topics.HEARTBEAT.name(CHAIR, service="safety-watchdog", instance="i")
LARGEST_ALLOWED = broker_files.MAX_PACKET_BYTES - 1000
CONNECT_IN_PART = b"\x10\x9f\x8d\x06" + bytes(90_000)
"""The beginning of a CONNECT of 99,999 bytes, for which the broker makes room at once."""


@pytest.fixture
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Accounts]:
    with generated_broker(tmp_path_factory.mktemp("accounts")) as running:
        yield running


@pytest.fixture
def watchdog(accounts: Accounts) -> Iterator[Participant]:
    """A service that has to be heard throughout."""
    service = Participant(accounts, Account.SAFETY_WATCHDOG)
    yield service
    assert not service.lost.is_set(), "the watchdog was thrown off"
    assert service.publish(BEAT, "still here")
    service.close()


def stalled_reader(accounts: Accounts, qos: int) -> Participant:
    """A caregiver's client that subscribes to all and reads no more."""
    reader = Participant(accounts, Account.CAREGIVER, port=accounts.people_port)
    reader.subscribe(f"calmloop/{CHAIR}/#", qos)
    reader.client.loop_stop()
    return reader


def send_until_refused(sender: Participant, payload: bytes, most: int) -> int:
    """How many of at most `most` the broker took before it threw the sender off."""
    for taken in range(most):
        sender.acknowledged.clear()
        if sender.lost.is_set():
            return taken
        sender.client.publish(OVERRIDE, payload, qos=1)
        assert sender.acknowledged.wait(WAIT_S)
    return most


def test_payloads_that_are_too_large_cost_their_sender_its_connection_and_no_memory(
    accounts: Accounts, watchdog: Participant
) -> None:
    before_mb = accounts.resident_mb()
    refused = 0
    for _ in range(60):
        sender = Participant(accounts, Account.CAREGIVER, port=accounts.people_port)
        sender.client.publish(OVERRIDE, b"x" * 3_900_000, qos=1)
        refused += sender.lost.wait(WAIT_S)
        sender.drop()
    grown_mb = accounts.resident_mb() - before_mb
    print(f"60 payloads of 3.9 MB: {refused} refused, the broker grew by {grown_mb:.1f} MB")
    assert refused == 60
    assert grown_mb < 4


@pytest.mark.slow
def test_readers_that_do_not_read_cannot_fill_the_broker(
    accounts: Accounts, watchdog: Participant
) -> None:
    readers = [stalled_reader(accounts, qos) for qos in (0, 1) * 5]
    sender = Participant(accounts, Account.CAREGIVER, port=accounts.people_port)
    taken = send_until_refused(sender, bytes(LARGEST_ALLOWED), most=100)
    sender.drop()
    print(f"{taken} payloads taken, the broker's memory {accounts.resident_mb():.0f} MB at most")
    assert accounts.resident_mb() < 0.75 * CONTAINER_MB
    for reader in readers:
        reader.drop()


def test_idle_connections_from_outside_are_bounded_and_leave_room_for_the_services(
    accounts: Accounts, watchdog: Participant
) -> None:
    context = ssl.create_default_context(cafile=str(accounts.ca_file))
    opened, refused = [], 0
    with ExitStack() as connections:
        for _ in range(broker_files.MAX_TLS_CONNECTIONS + 20):
            address = "127.0.0.1", accounts.tls_port
            plain = connections.enter_context(socket.create_connection(address, WAIT_S))
            try:
                secured = context.wrap_socket(plain, server_hostname="localhost")
                opened.append(connections.enter_context(secured))
            except OSError:
                refused += 1
        for connection in opened:
            connection.sendall(CONNECT_IN_PART)
        assert watchdog.publish(BEAT, "in between")
        print(f"{len(opened)} idle TLS connections: {accounts.resident_mb():.0f} MB at most")
        assert (len(opened), refused) == (broker_files.MAX_TLS_CONNECTIONS, 20)
        assert accounts.resident_mb() < 0.75 * CONTAINER_MB


def test_whoever_takes_all_of_the_people_s_connections_takes_none_of_the_services_ones(
    accounts: Accounts, watchdog: Participant
) -> None:
    taken = [
        socket.create_connection(("127.0.0.1", accounts.people_port), WAIT_S)
        for _ in range(broker_files.MAX_PEOPLE_CONNECTIONS // 4)
    ]
    services = [Participant(accounts, account) for account in topics.SERVICES]
    assert not any(service.refusal for service in services)
    for service in services:
        service.close()
    for connection in taken:
        connection.close()


def test_the_largest_picture_that_the_settings_allow_passes(accounts: Accounts) -> None:
    detector = Participant(accounts, Account.FACE_DETECTOR)
    arrived = threading.Event()
    detector.client.on_message = lambda *_: arrived.set()
    detector.subscribe(topics.CAMERA_FRAME.name(CHAIR))
    camera = Participant(accounts, Account.CAMERA)
    camera.client.publish(topics.CAMERA_FRAME.name(CHAIR), bytes(LARGEST_ALLOWED))
    assert arrived.wait(WAIT_S)
    for one in (camera, detector):
        one.close()
