"""10,000 random and mutated payloads on every topic a service reads: refused, and nothing else."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog

from calmloop import topics
from calmloop.actuator_bridge.service import ActuatorBridge
from calmloop.actuator_bridge.settings import Settings as BridgeSettings
from calmloop.bus import Bus
from calmloop.camera.service import CameraService
from calmloop.camera.settings import Settings as CameraSettings
from calmloop.clock import SystemClock
from calmloop.emotion_classifier.service import EmotionClassifierService
from calmloop.emotion_classifier.settings import Settings as ClassifierSettings
from calmloop.face_detector.service import FaceDetectorService
from calmloop.face_detector.settings import Settings as DetectorSettings
from calmloop.runtime import Context, Service
from calmloop.safety_watchdog.service import SafetyWatchdog
from calmloop.safety_watchdog.settings import Settings as WatchdogSettings
from calmloop.scenario_selector.service import ScenarioSelector
from calmloop.scenario_selector.settings import Settings as SelectorSettings
from calmloop.settings import ServiceSettings
from calmloop.topics import REGISTRY, Account, Kind
from tests.doubles import CHAIR, MemoryTransport, memory_bus
from tests.fuzz import mutated

PAYLOADS_PER_TOPIC = 10_000
TURN_EVERY = 500
QUIET = structlog.make_filtering_bound_logger(50)

SERVICES: dict[Account, tuple[type[ServiceSettings], Callable[[Any], Service]]] = {
    Account.CAMERA: (CameraSettings, CameraService),
    Account.FACE_DETECTOR: (DetectorSettings, FaceDetectorService),
    Account.EMOTION_CLASSIFIER: (ClassifierSettings, EmotionClassifierService),
    Account.SCENARIO_SELECTOR: (SelectorSettings, ScenarioSelector),
    Account.ACTUATOR_BRIDGE: (BridgeSettings, ActuatorBridge),
    Account.SAFETY_WATCHDOG: (WatchdogSettings, SafetyWatchdog),
}


@pytest.fixture(autouse=True)
def _quietly() -> None:
    structlog.configure(wrapper_class=QUIET)


def build(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Service, Bus, MemoryTransport]:
    monkeypatch.chdir(tmp_path)
    settings_type, service_type = SERVICES[account]
    sections: dict[str, Any] = {
        "scenario_selector": {"data_dir": str(tmp_path / "profiles")},
        "actuator_bridge": {"port": str(tmp_path / "no-chair")},
    }
    section = account.replace("-", "_")
    settings = settings_type(**({section: sections[section]} if section in sections else {}))
    bus, transport = memory_bus(account)
    context = Context(settings, bus, SystemClock(), structlog.get_logger())
    return service_type(context), bus, transport


@pytest.mark.parametrize("account", SERVICES)
def test_garbage_is_refused_and_raises_nothing(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, bus, transport = build(account, tmp_path, monkeypatch)
    filters = {subscription.filter for subscription in transport.subscriptions}
    read = [t for t in REGISTRY if t.filter(CHAIR) in filters and t.kind is not Kind.STOP]
    assert read
    try:
        for topic in read:
            rng = random.Random(f"{account} {topic.path}")
            name = topic.name(CHAIR, **dict.fromkeys(topic.placeholders, "x"))
            for number, payload in enumerate(mutated(topic, rng, PAYLOADS_PER_TOPIC)):
                image = topic.kind is Kind.IMAGE
                transport.inject(name, payload, header=payload if image else None)
                bus.dispatch()
                if number % TURN_EVERY == 0:
                    service.turn()
            assert bus.counters["rejected"] > 0.5 * PAYLOADS_PER_TOPIC
            bus.counters["rejected"] = 0
        service.turn()
    finally:
        service.close()
    assert bus.counters["handler_errors"] == 0
    assert transport.messages(topics.REJECTED)
    assert not transport.messages(topics.STIMULUS_SETPOINT)
    assert not transport.messages(topics.CHAIR_ARM)
    assert not transport.messages(topics.LEASE)
