"""Fixtures that every test may use: a real broker, and the data beside the repository."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.broker import Broker

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A private Mosquitto on a free loopback port, with nothing retained."""
    if shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin") is None:
        pytest.fail("mosquitto is not installed: run `make setup`")
    with Broker(tmp_path / "broker") as running:
        yield running


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The data beside the repository; tests that need them skip where they are missing."""
    folder = Path(os.environ.get("SHARED_DIR", REPOSITORY.parent / "shared"))
    if not (folder / "data").is_dir():
        pytest.skip(f"{folder}/data is not here")
    return folder
