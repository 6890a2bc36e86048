"""A device becomes a chair by a code, over TLS, and renews its certificate with the one it has."""

import shutil
import stat
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from cryptography import x509

from calmloop.base.clock import ManualClock
from calmloop.base.errors import InputError
from calmloop.base.lockout import FREE_TRIES_OF_ADDRESS
from calmloop.contract.messages.fleet import DeviceCertificate
from calmloop.fleet_centre.authority import VALID, FleetAuthority, SignedCertificate, chair_named
from calmloop.fleet_centre.broker import BrokerAccountError
from calmloop.fleet_centre.codes import ALPHABET, KeptCode, OneTimeCode, code_fits, new_code
from calmloop.fleet_centre.enrolment import Enrolment, enrolment_app
from calmloop.fleet_centre.register import FleetRegister
from calmloop.fleet_centre.serving import WebServer, tls_of
from calmloop.fleet_centre.settings import ServedSettings
from calmloop.fleet_link import enrol
from calmloop.fleet_link.centre import tls_context
from calmloop.fleet_link.enrolling import main
from calmloop.fleet_link.renewal_client import RENEW, ask_centre
from calmloop.fleet_link.renewing import LOOK_S, CertificateRenewal
from tests.unit.fleet_centre.fleet_certificates import HOST, make_certificates

CHAIR = "clinic-2-chair-7"
END_S = 20.0


class MemoryRegister(FleetRegister):
    """What the database would keep."""

    def __init__(self) -> None:
        self.codes: dict[str, KeptCode] = {}
        self.chairs: set[str] = set()

    def give_code(self, chair: str, now: datetime) -> OneTimeCode:
        code = new_code()
        self.codes[code.name] = KeptCode(chair, code.digest, now + timedelta(hours=1), 0)
        return code

    def use_code(
        self, given: OneTimeCode, now: datetime, sign: Callable[[str], SignedCertificate]
    ) -> tuple[str, SignedCertificate] | None:
        kept = self.codes.get(given.name)
        if kept is None or not code_fits(kept, given, now):
            return None
        signed = sign(kept.chair)
        del self.codes[given.name]
        self.chairs.add(kept.chair)
        return kept.chair, signed

    def is_in(self, chair: str) -> bool:
        return chair in self.chairs

    def renew(self, chair: str, signed: SignedCertificate) -> bool:
        return chair in self.chairs


class MemoryBroker:
    """Accounts; or a broker that is away."""

    def __init__(self) -> None:
        self.admitted: list[str] = []
        self.is_away = False

    def admit(self, chair: str) -> None:
        if self.is_away:
            raise BrokerAccountError("away")
        self.admitted.append(chair)


class RunningCentre:
    """The enrolment service on a port of its own, whose clock is the test's."""

    def __init__(self, folder: Path) -> None:
        make_certificates(folder)
        self.folder, self.register, self.broker = folder, MemoryRegister(), MemoryBroker()
        self.authority = folder / "authority.crt"
        self.clock = ManualClock()
        self.clock.wall = datetime.now(UTC) - self.clock.utc_now()
        authority = FleetAuthority(self.authority, folder / "authority.key")
        log = structlog.get_logger()
        enrolment = Enrolment(self.register, authority, self.broker, self.clock, log)
        settings = ServedSettings(
            postgres_file=folder / "none",
            tls_certificate_file=folder / "server.crt",
            tls_key_file=folder / "server.key",
        )
        tls = tls_of(settings, clients=self.authority)
        self.server = WebServer(enrolment_app(enrolment), HOST, 0, tls)

    @property
    def place(self) -> str:
        return f"{HOST}:{self.server.port}"

    def enrol(self, code: str, device: str = "device") -> str:
        return enrol(self.place, code, self.authority, self.folder / device)

    def code(self) -> str:
        return self.register.give_code(CHAIR, self.clock.utc_now()).written

    def renew(self, device: str = "device") -> DeviceCertificate:
        own = self.folder / device
        tls = tls_context(self.authority, own / "device.crt", own / "device.key")
        return ask_centre(HOST, self.server.port, tls, RENEW)


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[RunningCentre]:
    running = RunningCentre(tmp_path)
    thread = threading.Thread(target=running.server.run, daemon=True)
    thread.start()
    yield running
    running.server.stop()
    thread.join(END_S)


def test_a_device_becomes_the_chair_that_the_code_is_for_and_its_key_stays(
    centre: RunningCentre,
) -> None:
    assert centre.enrol(centre.code()) == CHAIR
    own = centre.folder / "device"
    held = x509.load_pem_x509_certificate((own / "device.crt").read_bytes())
    assert chair_named(held) == CHAIR
    assert centre.broker.admitted == [CHAIR]
    assert stat.S_IMODE((own / "device.key").stat().st_mode) == 0o600
    tls_context(own / "authority.crt", own / "device.crt", own / "device.key")


def test_in_a_container_the_link_s_own_command_does_it(
    centre: RunningCentre, capsys: pytest.CaptureFixture[str]
) -> None:
    own = centre.folder / "device"
    own.mkdir()
    shutil.copy(centre.authority, own)
    words = [centre.place, centre.code(), "--into", str(own)]
    assert main(words) == 0
    assert CHAIR in capsys.readouterr().out
    assert main(words) == 1
    assert "is used" in capsys.readouterr().err


def test_a_centre_of_another_authority_gets_no_code(centre: RunningCentre) -> None:
    other = centre.folder / "other"
    other.mkdir()
    make_certificates(other)
    code = centre.code()
    with pytest.raises(InputError, match="certificate verify failed"):
        enrol(centre.place, code, other / "authority.crt", centre.folder / "device")
    assert centre.enrol(code) == CHAIR


def test_a_code_is_good_once_and_within_its_hour(centre: RunningCentre) -> None:
    code = centre.code()
    centre.enrol(code)
    with pytest.raises(InputError, match="is none, is used, or is over"):
        centre.enrol(code, "second")
    late = centre.code()
    centre.clock.advance(3601.0)
    with pytest.raises(InputError, match="is none, is used, or is over"):
        centre.enrol(late, "third")
    assert centre.broker.admitted == [CHAIR]


def test_who_guesses_is_locked_out_even_with_the_right_code(centre: RunningCentre) -> None:
    code = centre.code()
    for sign in ALPHABET[:FREE_TRIES_OF_ADDRESS]:
        with pytest.raises(InputError):
            centre.enrol(f"AAA{sign}-AAAA-AAAA-AAAA")
    with pytest.raises(InputError, match="429: too many wrong codes"):
        centre.enrol(code)


def test_a_code_is_not_used_up_while_the_broker_is_away(centre: RunningCentre) -> None:
    code = centre.code()
    centre.broker.is_away = True
    with pytest.raises(InputError, match="503"):
        centre.enrol(code)
    centre.broker.is_away = False
    assert centre.enrol(code) == CHAIR


def test_a_certificate_is_renewed_with_the_old_one_unless_the_chair_was_taken_out(
    centre: RunningCentre,
) -> None:
    centre.enrol(centre.code())
    with pytest.raises(OSError, match="409"):
        centre.renew()
    centre.clock.advance((VALID - timedelta(days=30)).total_seconds())
    before = (centre.folder / "device/device.crt").read_text()
    assert centre.renew().certificate != before
    centre.register.chairs.clear()
    with pytest.raises(OSError, match="403"):
        centre.renew()


def test_who_shows_no_certificate_renews_none(centre: RunningCentre) -> None:
    centre.enrol(centre.code())
    own = centre.folder / "device"
    tls = tls_context(own / "authority.crt", own / "device.crt", own / "device.key")
    without = type(tls)(tls.protocol)
    without.load_verify_locations(centre.authority)
    with pytest.raises(OSError, match="401"):
        ask_centre(HOST, centre.server.port, without, RENEW)


def test_a_device_renews_by_itself_in_time_and_takes_the_new_one_for_its_next_connection(
    centre: RunningCentre,
) -> None:
    centre.enrol(centre.code())
    path = centre.folder / "device/device.crt"
    told: list[str] = []
    renewal = CertificateRenewal(
        path, centre.renew, lambda: told.append("renewed"), centre.clock, structlog.get_logger()
    )
    first = path.read_text()
    renewal.turn()
    assert (path.read_text(), told) == (first, [])
    centre.clock.advance(VALID.total_seconds() * 0.8)
    renewal.turn()
    assert (path.read_text() == first, told, renewal.trouble) == (False, ["renewed"], "")


def test_a_centre_that_is_away_is_asked_again_an_hour_later(centre: RunningCentre) -> None:
    centre.enrol(centre.code())
    asked: list[float] = []

    def away() -> DeviceCertificate:
        asked.append(centre.clock.monotonic_ns())
        raise OSError("away")

    path = centre.folder / "device/device.crt"
    renewal = CertificateRenewal(path, away, lambda: None, centre.clock, structlog.get_logger())
    centre.clock.advance(VALID.total_seconds() * 0.8)
    for _ in range(3):
        renewal.turn()
    assert (len(asked), "away" in renewal.trouble) == (1, True)
    centre.clock.advance(LOOK_S)
    renewal.turn()
    assert len(asked) == 2
