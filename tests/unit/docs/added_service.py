"""Of the service that docs/add/service.md adds: run in the copy in which that was done."""

import json
import sys
from pathlib import Path

from calmloop.compose_init.acl import access_list
from calmloop.contract import topics
from calmloop.contract.topics import REGISTRY, Account
from calmloop.demo.children import start_child, stop_child
from tests.processes import clean_environment
from tests.unit.packaging.generated_broker import CHAIR, WAIT_S, Participant, generated_broker

ADDED = Account("room-lamp")
BEAT = topics.HEARTBEAT.name(CHAIR, service=ADDED, instance="here")


def test_its_health_is_heard_under_its_own_account(tmp_path: Path) -> None:
    with generated_broker(tmp_path) as accounts:
        password = tmp_path / "password"
        password.write_text(accounts.credentials[ADDED].password)
        settings = {
            "CALMLOOP_INSTANCE": "here",
            "CALMLOOP_MQTT__PORT": str(accounts.plain_port),
            "CALMLOOP_MQTT__USERNAME": ADDED.value,
            "CALMLOOP_MQTT__PASSWORD_FILE": str(password),
            "CALMLOOP_ROOM_LAMP__FILE": str(tmp_path / "lamp"),
        }
        monitor = Participant(accounts, Account.MONITOR)
        monitor.subscribe(BEAT)
        child = start_child(
            [sys.executable, "-m", "calmloop.room_lamp"],
            log=tmp_path / "lamp.log",
            env=clean_environment(**settings),
        )
        try:
            assert monitor.arrived.wait(WAIT_S), (tmp_path / "lamp.log").read_text()
        finally:
            assert stop_child(child) == 0
            monitor.close()
    assert json.loads(monitor.received[0][1])["healthy"] is True
    assert (tmp_path / "lamp").read_text() == "100"


def test_the_access_list_lets_it_publish_what_the_registry_says_and_nothing_else() -> None:
    (block,) = (b for b in access_list(CHAIR).split("user ") if b.startswith(f"{ADDED}\n"))
    written = {line.removeprefix("topic write ") for line in block.splitlines() if "write" in line}
    assert written == {
        topic.name(CHAIR, **{"service": ADDED, "instance": "+"})
        for topic in REGISTRY
        if ADDED in topic.writers
    }
    assert len(written) == 3
