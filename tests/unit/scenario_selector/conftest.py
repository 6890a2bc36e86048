"""A session that runs; files about what comes before have a harness of their own."""

from pathlib import Path

import pytest

from tests.unit.scenario_selector.harness import Harness


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Harness:
    """What `harness` is a copy of: to come so far takes longer than most tests."""
    harness = Harness(tmp_path_factory.mktemp("running"))
    harness.start_running()
    return harness


@pytest.fixture
def harness(running: Harness, tmp_path: Path) -> Harness:
    """A session whose baseline was measured on a calm face, one cycle ago."""
    return running.copied(tmp_path)
