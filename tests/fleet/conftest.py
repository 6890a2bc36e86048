"""All here needs a real RabbitMQ and a real PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.broker import Broker
from tests.fleet.centre import Centre, Chair
from tests.fleet.postgres import program
from tests.fleet.rabbit import PROGRAMS, ROOT


@pytest.fixture(scope="session", autouse=True)
def programs() -> None:
    """Skips where one is not there."""
    if not (ROOT / PROGRAMS.relative_to("/") / "rabbitmq-server").exists():
        pytest.skip(f"no RabbitMQ in {ROOT}: `make test-fleet` says why")
    if program("postgres") is None:
        pytest.skip("no PostgreSQL here: apt-get install postgresql")


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A centre with its workers."""
    with Centre(tmp_path_factory.mktemp("centre")).running() as running:
        yield running


@pytest.fixture
def chair(centre: Centre, tmp_path: Path) -> Iterator[Chair]:
    """The first chair of the fleet, whose log and link run."""
    (tmp_path / "broker").mkdir()
    with (
        Broker(tmp_path / "broker") as broker,
        Chair(centre, broker, "chair-a", tmp_path).running() as running,
    ):
        yield running
