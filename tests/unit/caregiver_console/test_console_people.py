"""Who may log in, how often they may try, and for how long it lasts."""

from pathlib import Path

import pytest

from calmloop.base.clock import ManualClock
from calmloop.base.errors import ConfigurationError, InputError
from calmloop.base.lockout import FREE_TRIES, LONGEST_LOCK_S, Lockout
from calmloop.caregiver_console.actors import Role
from calmloop.caregiver_console.logins import IDLE_S, LONGEST_S, Logins
from calmloop.caregiver_console.people import HASHER, MEMORY_KIB, UserFile, pin_fits
from calmloop.caregiver_console.rate import BURST, PER_S, AddressRate

PIN = "135790"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("users")
    UserFile(folder).add("Anna", PIN, Role.TECHNICIAN)
    return folder


def test_a_pin_is_kept_as_a_hash_in_a_file_of_this_user_alone(written: Path) -> None:
    (file,) = written.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert PIN not in file.read_text()
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in file.read_text()
    assert HASHER.memory_cost <= MEMORY_KIB == 19 * 1024


def test_the_pin_fits_its_user_and_nobody_else(written: Path) -> None:
    anna = UserFile(written).find("ANNA")
    assert pin_fits(anna, PIN)
    assert not pin_fits(anna, "135791")
    assert not pin_fits(None, PIN)


@pytest.mark.parametrize("pin", ["", "12345", "1234567890123", "abcdef", "１２３４５６"])
def test_a_pin_that_is_none_is_refused(tmp_path: Path, pin: str) -> None:
    with pytest.raises(InputError, match="6 to 12 digits"):
        UserFile(tmp_path).add("Anna", pin, Role.CAREGIVER)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["", "<script>", " Anna", "x" * 41, "a\nb", "_x"])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="name:"):
        UserFile(tmp_path).add(name, PIN, Role.CAREGIVER)


def test_the_last_technician_stays(written: Path) -> None:
    with pytest.raises(InputError, match="last technician"):
        UserFile(written).remove("anna")


def test_a_damaged_file_lets_nobody_in_and_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "users.json").write_text("[{")
    with pytest.raises(ConfigurationError, match="calmloop console user add"):
        UserFile(tmp_path).find("Anna")


def test_each_wrong_pin_beyond_the_fifth_doubles_the_wait() -> None:
    clock = ManualClock()
    lockout = Lockout(clock)
    waits = []
    for _ in range(FREE_TRIES + 6):
        lockout.fail("Anna", "10.0.0.5")
        waits.append(lockout.locked_s("Anna", "10.0.0.5"))
        clock.advance(waits[-1])
    assert waits[: FREE_TRIES - 1] == [0.0] * (FREE_TRIES - 1)
    assert waits[FREE_TRIES - 1 :] == [30.0, 60.0, 120.0, 240.0, 480.0, LONGEST_LOCK_S, 900.0]
    assert lockout.locked_s("Anna", "10.0.0.6") == 0.0


def test_an_address_that_tries_many_names_and_a_name_tried_from_many_are_locked() -> None:
    lockout = Lockout(ManualClock())
    for number in range(15):
        lockout.fail(f"n{number}", "10.0.0.5")
    assert lockout.locked_s("Anna", "10.0.0.5") > 0
    for number in range(30):
        lockout.fail("Anna", f"10.0.1.{number}")
    assert lockout.locked_s("Anna", "10.0.2.1") > 0


def test_guessing_a_pin_of_six_digits_takes_decades() -> None:
    clock = ManualClock()
    lockout = Lockout(clock)
    tries, began_ns = 0, clock.monotonic_ns()
    while clock.monotonic_ns() - began_ns < 24 * 3600 * 1e9:
        clock.advance(max(1.0, lockout.locked_s("Anna", "10.0.0.5")))
        lockout.fail("Anna", "10.0.0.5")
        tries += 1
    assert tries < 120
    assert 1_000_000 / tries / 365 > 20


def test_an_address_asks_as_often_as_people_do_and_no_flood_gets_through() -> None:
    clock = ManualClock()
    rate = AddressRate(clock)
    assert sum(rate.passes("10.0.0.5") for _ in range(1000)) == BURST
    assert rate.passes("10.0.0.6")
    clock.advance(1.0)
    assert sum(rate.passes("10.0.0.5") for _ in range(1000)) == PER_S


def test_a_login_ends_unused_at_last_and_with_its_user(written: Path, tmp_path: Path) -> None:
    users, clock = UserFile(tmp_path), ManualClock()
    (tmp_path / "users.json").write_bytes((written / "users.json").read_bytes())
    logins = Logins(clock, users)
    anna = users.find("Anna")
    assert anna is not None
    unused, _ = logins.open(anna)
    clock.advance(IDLE_S + 1)
    assert logins.find(unused) is None
    used, _ = logins.open(anna)
    for _ in range(round(LONGEST_S / IDLE_S)):
        assert logins.find(used) is not None
        clock.advance(IDLE_S - 1)
    clock.advance(100)
    assert logins.find(used) is None
    again, _ = logins.open(anna)
    users.add("Anna", "999999", Role.VIEWER)
    assert logins.find(again) is None
