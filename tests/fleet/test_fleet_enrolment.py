"""A device joins by a code, is seen on the page, and is taken out by one command."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from calmloop.base.errors import InputError
from calmloop.fleet_centre.authority import VALID, SignedCertificate
from calmloop.fleet_centre.register import FleetRegister
from calmloop.fleet_ingest.tables import PAGE_ACCOUNT
from calmloop.fleet_link.centre import tls_context
from calmloop.fleet_link.renewal_client import RENEW, ask_centre
from tests.fleet.centre import Centre
from tests.fleet.device import Device, batch
from tests.fleet.page_visit import HOST, page_of
from tests.processes import clean_environment

pytestmark = [pytest.mark.fleet, pytest.mark.timeout(600)]
CALMLOOP = Path(sys.executable).with_name("calmloop")
CHAIR = "clinic-2-chair-7"
PASSWORD = "a long one of a test"
REVOKED_S = 5.0


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A centre with enrolment and page, and no chair yet."""
    with Centre(tmp_path_factory.mktemp("served"), ()).running() as centre:
        centre.start_servers()
        yield centre


def enrolled(centre: Centre, code: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    place = f"{HOST}:{centre.enrolment_port}"
    authority = f"{centre.certificates / 'authority.crt'}"
    words = ["fleet", "enrol", place, code, "--authority", authority, "--into", f"{folder}"]
    return subprocess.run(
        [str(CALMLOOP), *words],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def connected(centre: Centre, folder: Path) -> Device:
    """The device's files under the names that a test's client takes."""
    for ending in ("crt", "key"):
        shutil.copy(folder / f"device.{ending}", folder / f"{CHAIR}.{ending}")
    return Device(centre.broker.mqtt_port, folder, CHAIR)


def page(centre: Centre) -> str:
    """What somebody sees who logs in."""
    return page_of(centre.page_port, centre.certificates / "authority.crt", "anna", PASSWORD)


def test_a_device_joins_is_seen_and_is_taken_out(served: Centre, tmp_path: Path) -> None:
    code = served.command("code", CHAIR).stdout.strip()
    folder = tmp_path / "device"
    done = enrolled(served, code, folder)
    assert done.returncode == 0, done.stderr
    assert served.command("person", "Anna", given=f"{PASSWORD}\n").returncode == 0
    with connected(served, folder) as device:
        assert device.until(lambda: device.connected)
        device.publish(
            f"fleet/{CHAIR}/up",
            batch([1], child="0123456789abcdef", session="s-1").model_dump_json(),
        )
        assert device.until(lambda: device.acks() == [1])
        text = page(served)
        assert CHAIR in text
        assert "0123456789abcdef" not in text
        began_s = time.monotonic()
        assert served.command("revoke", CHAIR).returncode == 0
        assert device.until(lambda: not device.connected, REVOKED_S)
        print(f"out {time.monotonic() - began_s:.1f} s after the command began")
        assert device.until(lambda: device.refused)
    assert "taken out" in page(served)
    again = served.command("code", CHAIR)
    assert (again.returncode, "was taken out" in again.stderr) == (2, True)
    own = tls_context(folder / "authority.crt", folder / "device.crt", folder / "device.key")
    with pytest.raises(OSError, match="403"):
        ask_centre(HOST, served.enrolment_port, own, RENEW)


def test_a_code_is_used_once_and_void_after_five_wrong_tries(
    served: Centre, tmp_path: Path
) -> None:
    code = served.command("code", "chair-8").stdout.strip()
    for _ in range(5):
        assert enrolled(served, f"{code[:4]}-2222-2222-2222", tmp_path / "x").returncode == 2
    assert enrolled(served, code, tmp_path / "x").returncode == 2
    assert served.database.ask("SELECT failed FROM fleet_code WHERE chair = 'chair-8'") == [(5,)]


def test_the_database_knows_which_certificate_a_chair_has_until_it_is_taken_out(
    served: Centre,
) -> None:
    register, now = FleetRegister(served.database.address), datetime.now(UTC)
    first, second = (SignedCertificate("", serial, now + VALID) for serial in ("1", "2"))
    used = register.use_code(register.give_code("chair-9", now), now, lambda _: first)
    assert used == ("chair-9", first)
    assert register.renew("chair-9", second)
    assert register.is_in("chair-9")
    with pytest.raises(InputError, match="is in the fleet"):
        register.give_code("chair-9", now)
    register.revoke("chair-9")
    assert not register.is_in("chair-9")
    assert not register.renew("chair-9", first)
    assert served.database.ask("SELECT serial FROM fleet_chair WHERE chair = 'chair-9'") == [("2",)]
    register.give_code("chair-9", now + VALID)


def test_a_chair_cannot_take_the_name_of_a_worker(served: Centre, tmp_path: Path) -> None:
    code = served.command("code", "ingest").stdout.strip()
    done = enrolled(served, code, tmp_path / "y")
    assert done.returncode == 2
    assert served.database.ask("SELECT 1 FROM fleet_chair WHERE chair = 'ingest'") == []


def test_the_page_s_account_reads_no_item_and_no_code(served: Centre) -> None:
    with psycopg.connect(served.database.address_of(PAGE_ACCOUNT), autocommit=True) as db:
        for what in ("* FROM fleet_item", "* FROM fleet_code", "item FROM fleet_refused"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                db.execute(f"SELECT {what}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("DELETE FROM fleet_chair")
