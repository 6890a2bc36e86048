"""The device's own certificates, by the clock of whoever looks at them."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from calmloop.compose_init.certificates import new_authority, new_server


@pytest.mark.parametrize(
    "now",
    [
        datetime(1970, 1, 1, 0, 0, 30, tzinfo=UTC),
        datetime(2026, 11, 28, tzinfo=UTC),
        datetime(2049, 12, 30, tzinfo=UTC),
    ],
    ids=["before NTP", "today", "late"],
)
def test_they_are_valid_by_a_clock_that_is_not_set_yet(tmp_path: Path, now: datetime) -> None:
    authority = new_authority("chair")
    server = new_server(authority, ["chair.local"])
    (tmp_path / "ca.crt").write_bytes(authority.certificate)
    (tmp_path / "server.crt").write_bytes(server.certificate)
    verify = ["openssl", "verify", "-attime", str(round(now.timestamp())), "-CAfile", "ca.crt"]

    subprocess.run([*verify, "server.crt"], cwd=tmp_path, check=True)
