"""The generated accounts, access list and certificate, on a real Mosquitto with real clients."""

import socket
import ssl
from collections.abc import Iterator

import pytest

from calmloop.compose_init import broker_files
from calmloop.compose_init.acl import PROBE, access_list
from calmloop.contract import house_topics, topics
from calmloop.contract.accounts import PEOPLE
from calmloop.contract.topics import REGISTRY, Account, AnyTopic, TopicKind
from tests.unit.packaging.generated_broker import (
    CHAIR,
    WAIT_S,
    Accounts,
    Participant,
    generated_broker,
)


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Accounts]:
    with generated_broker(tmp_path_factory.mktemp("accounts")) as running:
        yield running


def own_name(topic: AnyTopic, account: Account) -> str:
    values = {"service": account.value, "instance": "i", "kind": "stop", "name": "b"}
    return topic.name(CHAIR, **{key: values[key] for key in topic.placeholders})


@pytest.fixture(scope="module")
def everyone(accounts: Accounts) -> Iterator[dict[Account, Participant]]:
    joined = {account: Participant(accounts, account) for account in Account}
    for participant in joined.values():
        participant.subscribe("#")
        participant.subscribe("$SYS/#")
    yield joined
    for participant in joined.values():
        participant.close()


def test_every_account_reads_and_writes_what_the_registry_says_and_nothing_else(
    everyone: dict[Account, Participant],
) -> None:
    taken = {
        (account, topic.path)
        for account, participant in everyone.items()
        for topic in REGISTRY
        if participant.publish(own_name(topic, account), account)
    }
    for writer, topic in (
        (Account.CAMERA, topics.REJECTED),
        (Account.HOME_ASSISTANT, house_topics.HOUSE_STATE),
    ):
        everyone[writer].publish(topic.name(CHAIR), "end")

    assert taken == {(a, t.path) for a in Account for t in REGISTRY if a in t.writers}
    for reader, participant in everyone.items():
        assert participant.ended.wait(WAIT_S)
        expected = sorted(
            (own_name(topic, writer), writer.value)
            for topic in REGISTRY
            if reader in topic.readers
            for writer in topic.writers
        )
        assert sorted(participant.received) == expected, reader


def test_pictures_reach_one_reader_each_and_never_a_person() -> None:
    lines = {
        block.splitlines()[0]: block
        for block in access_list(CHAIR).split("user ")
        if not block.startswith("#")
    }
    for person in PEOPLE:
        assert "camera/frame" not in lines[person]
        assert "face/crop" not in lines[person]
    assert "topic write" not in lines[Account.MONITOR]


def test_a_service_cannot_speak_in_the_name_of_another(
    everyone: dict[Account, Participant],
) -> None:
    name = topics.HEARTBEAT.name(CHAIR, service="safety-watchdog", instance="i")
    assert everyone[Account.SAFETY_WATCHDOG].publish(name, "mine")
    assert not everyone[Account.ACTUATOR_BRIDGE].publish(name, "not mine")


def test_another_chair_is_out_of_reach(everyone: dict[Account, Participant]) -> None:
    assert not everyone[Account.CAREGIVER].publish("calmloop/chair-2/stop", "")


@pytest.mark.parametrize("account", [Account.CAREGIVER.value, "nobody"])
def test_a_wrong_password_is_refused(accounts: Accounts, account: str) -> None:
    refused = Participant(accounts, account, password="guessed")
    refused.close()
    assert refused.refusal is not None


def test_anonymous_is_refused(accounts: Accounts) -> None:
    refused = Participant(accounts, None)
    refused.close()
    assert refused.refusal is not None


def test_tls_is_trusted_by_the_devices_authority_alone(accounts: Accounts) -> None:
    strict = ssl.create_default_context(cafile=str(accounts.ca_file))
    strict.verify_flags |= ssl.VERIFY_X509_STRICT
    for name in ("localhost", "127.0.0.1"):
        handshake(accounts.tls_port, strict, name)
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(accounts.tls_port, strict, "elsewhere.example")
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(accounts.tls_port, ssl.create_default_context(), "localhost")


def handshake(port: int, context: ssl.SSLContext, name: str) -> None:
    plain = socket.create_connection(("127.0.0.1", port), WAIT_S)
    with plain, context.wrap_socket(plain, server_hostname=name):
        return


def test_the_health_check_s_account_is_allowed_its_own_topic_and_no_more(
    accounts: Accounts,
) -> None:
    lines = broker_files.probe_options(accounts.credentials[PROBE]).splitlines()
    options = dict(line.split(" ", 1) for line in lines)
    probe = Participant(accounts, options["-u"], options["-P"])
    probe.subscribe("#")
    probe.subscribe(options["-t"])
    assert probe.arrived.wait(WAIT_S)
    assert not probe.publish(topics.STOP.name(CHAIR), "")
    assert {name for name, _ in probe.received} == {options["-t"]}
    probe.close()


def test_the_session_log_only_reads_but_for_its_own_state() -> None:
    account = Account.SESSION_LOG
    assert {topic.path for topic in REGISTRY if account in topic.writers} == {
        "log/state",
        "rejected",
        "service/{service}/{instance}/heartbeat",
        "service/{service}/{instance}/status",
    }
    pictures = {topic for topic in REGISTRY if topic.kind is TopicKind.IMAGE}
    assert not {topic.path for topic in pictures if account in topic.readers}
