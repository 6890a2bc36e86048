"""A selector that runs, and what surrounds it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.broker import Broker
from tests.contract.selector_harness import EMOTION, ROOT, SelectorHarness
from tests.processes import ServiceProcess, start_service


@pytest.fixture
def selector(broker: Broker, tmp_path: Path) -> Iterator[ServiceProcess]:
    with start_service(
        "scenario_selector",
        broker,
        tmp_path / "logs",
        SCENARIO_SELECTOR__DATA_DIR=str(tmp_path / "data"),
        SCENARIO_SELECTOR__BASELINE_S="2",
        SCENARIO_SELECTOR__WARM_UP_S="0",
        SCENARIO_SELECTOR__CYCLE_S="2",
    ) as process:
        yield process


@pytest.fixture
def harness(broker: Broker, selector: ServiceProcess) -> Iterator[SelectorHarness]:
    with SelectorHarness(broker) as harness:
        harness.client.wait_for(f"{ROOT}/chair/state")
        harness.client.wait_for(f"{ROOT}/stop/state")
        harness.client.wait_for(EMOTION)
        yield harness
