"""All here needs Node-RED."""

import pytest

from tests.node_red.node_red import PROGRAM


@pytest.fixture(autouse=True)
def _is_there() -> None:
    if not PROGRAM.exists():
        pytest.fail("Node-RED is not here: run `tools/setup.sh node-red`")
