"""Random and mutated payloads on every topic a service reads: refused, and nothing else.

2,000 of each topic here, 10,000 among the slow tests.
"""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog

from calmloop.base.clock import SystemClock
from calmloop.bus.bus import Bus
from calmloop.contract import topics
from calmloop.contract.topics import SERVICES, Account, AnyTopic, TopicKind
from calmloop.service.runtime import Context, Service
from tests.broker import free_port
from tests.doubles import CHAIR, MemoryTransport, memory_bus
from tests.fuzz import mutated
from tests.services import service_type, settings_type

PAYLOADS_PER_TOPIC = [2_000, pytest.param(10_000, marks=pytest.mark.slow)]
TURN_EVERY = 500
QUIET = structlog.make_filtering_bound_logger(50)


@pytest.fixture(autouse=True)
def _quietly() -> None:
    structlog.configure(wrapper_class=QUIET)


def build(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Service, Bus, MemoryTransport]:
    monkeypatch.chdir(tmp_path)
    sections: dict[str, Any] = {
        "scenario_selector": {"data_dir": str(tmp_path / "profiles")},
        "actuator_bridge": {"port": str(tmp_path / "no-chair")},
        "heart_monitor": {"source": "simulated"},
        "voice_listener": {"source": "simulated"},
        "sound_player": {"output": "recording"},
        "caregiver_console": {"data_dir": str(tmp_path / "console"), "port": free_port()},
        "session_log": {"data_dir": str(tmp_path / "log"), "http_port": free_port()},
        "metrics_exporter": {"http_port": free_port()},
    }
    section = account.replace("-", "_")
    settings = settings_type(account)(
        **({section: sections[section]} if section in sections else {})
    )
    bus, transport = memory_bus(account)
    context = Context(settings, bus, SystemClock(), structlog.get_logger())
    build_service: Callable[[Context[Any]], Service] = service_type(account)
    return build_service(context), bus, transport


def topics_of(transport: MemoryTransport) -> dict[str, AnyTopic]:
    """What is read but for stops, by a name of each."""
    names = {subscription.filter.replace("+", "x") for subscription in transport.subscriptions}
    found = {name: topics.find(CHAIR, name) for name in sorted(names)}
    return {name: topic for name, topic in found.items() if topic and topic is not topics.STOP}


@pytest.mark.parametrize("payloads", PAYLOADS_PER_TOPIC)
@pytest.mark.parametrize("account", sorted(SERVICES))
def test_garbage_is_refused_and_raises_nothing(
    account: Account, payloads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, bus, transport = build(account, tmp_path, monkeypatch)
    read = topics_of(transport)
    if not transport.subscriptions:
        service.close()
        pytest.skip(f"{account} reads nothing")
    assert read
    try:
        for name, topic in read.items():
            rng = random.Random(f"{account} {name}")
            for number, payload in enumerate(mutated(topic, rng, payloads)):
                image = topic.kind is TopicKind.IMAGE
                transport.inject(name, payload, header=payload if image else None)
                bus.dispatch()
                if number % TURN_EVERY == 0:
                    service.turn()
            assert bus.counters["rejected"] > 0.5 * payloads
            bus.counters["rejected"] = 0
        service.turn()
    finally:
        service.close()
    assert bus.counters["handler_errors"] == 0
    assert transport.messages(topics.REJECTED)
    assert not transport.messages(topics.STIMULUS_SETPOINT)
    assert not transport.messages(topics.CHAIR_ARM)
    assert not transport.messages(topics.LEASE)
