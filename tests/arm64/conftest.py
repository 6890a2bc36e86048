"""All here needs the root that `tools/arm64.sh` makes."""

import pytest

from tests.arm64.emulated import QEMU, ROOT


@pytest.fixture(scope="session", autouse=True)
def root() -> None:
    """It is there, with what the last lock names."""
    if not (ROOT / QEMU).exists():
        pytest.skip(f"no root for arm64 in {ROOT}: `make test-arm64` says why")
