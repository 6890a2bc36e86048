"""The link on the bus: it is who its certificate says, and does nothing unless it is set."""

from pathlib import Path

import pytest
import structlog

from calmloop.base.clock import ManualClock
from calmloop.base.errors import ConfigurationError
from calmloop.compose_init.certificates import new_authority, new_server
from calmloop.contract.topics import Account
from calmloop.fleet_link.identity import chair_of_certificate
from calmloop.fleet_link.service import FleetLinkService
from calmloop.fleet_link.settings import FleetLinkSection, Settings
from calmloop.service.runtime import Context
from tests.doubles import memory_bus


def service(section: FleetLinkSection) -> FleetLinkService:
    clock = ManualClock()
    bus, _ = memory_bus(Account.FLEET_LINK, clock)
    return FleetLinkService(
        Context(Settings(fleet_link=section), bus, clock, structlog.get_logger())
    )


def test_without_a_centre_it_does_nothing_and_is_well() -> None:
    link = service(FleetLinkSection())
    assert (link.turn().healthy, link.turn().waits_for) == (True, "")
    link.close()


def test_a_centre_needs_the_files_of_this_device(tmp_path: Path) -> None:
    section = FleetLinkSection(centre_host="centre", certificate_file=tmp_path / "none.crt")
    with pytest.raises(ConfigurationError, match="certificate_file"):
        service(section)
    with pytest.raises(ConfigurationError, match="log_token_file"):
        Settings(fleet_link=section).check_files()


def test_a_centre_that_is_away_is_no_illness(tmp_path: Path) -> None:
    authority = new_authority("a fleet")
    pair = new_server(authority, ["chair-7"])
    for name, content in (
        ("ca", authority.certificate),
        ("crt", pair.certificate),
        ("key", pair.key),
    ):
        (tmp_path / name).write_bytes(content)
    (tmp_path / "token").write_text("t" * 24)
    link = service(
        FleetLinkSection(
            centre_host="127.0.0.1",
            centre_port=9,
            renewal_port=0,
            authority_file=tmp_path / "ca",
            certificate_file=tmp_path / "crt",
            key_file=tmp_path / "key",
            log_token_file=tmp_path / "token",
        )
    )
    health = link.turn()
    assert health.healthy
    link.close()


@pytest.mark.parametrize("text", [b"", b"no certificate"])
def test_what_is_no_certificate_names_no_chair(text: bytes) -> None:
    with pytest.raises(ConfigurationError, match="PEM"):
        chair_of_certificate(text)
