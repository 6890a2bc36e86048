"""A copy of the repository for each page that is followed."""

from pathlib import Path

import pytest

from tests.unit.docs.steps import Scratch


@pytest.fixture
def scratch(tmp_path: Path) -> Scratch:
    return Scratch(tmp_path / "calmloop")
