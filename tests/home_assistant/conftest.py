"""All here needs a real Home Assistant."""

from collections.abc import Iterator

import pytest

from tests.home_assistant.hass import PROGRAM, ROOT
from tests.home_assistant.house import House, running_house


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A chair in a house; each test leaves it to the next as it may be found: stopped or not."""
    if not (ROOT / PROGRAM).exists():
        pytest.skip(f"no Home Assistant in {ROOT}: `make test-home-assistant` says why")
    with running_house(tmp_path_factory.mktemp("house")) as running:
        yield running
