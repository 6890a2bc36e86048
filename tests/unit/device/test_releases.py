"""A release is put on a device whole or not at all, and the way back from it is open."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from calmloop.base.errors import InputError
from calmloop.contract.messages.chair import ChairMode, ChairState
from calmloop.contract.messages.session import Phase, SessionState
from calmloop.device.bundle import SUMS, Bundle
from calmloop.device.containers import ChairWord, DeviceBusyError
from calmloop.device.releasing import NotHealthyError
from tests.unit.device.backup_rig import seen
from tests.unit.device.release_rig import STILL, ReleasedDevice, damage, relist


@pytest.fixture
def device(tmp_path: Path) -> ReleasedDevice:
    return ReleasedDevice(tmp_path)


@pytest.fixture
def installed(device: ReleasedDevice) -> ReleasedDevice:
    device.install("0.1.0")
    return device


# --- a bundle ---------------------------------------------------------------------------------


def public(key: Ed25519PrivateKey, to: Path) -> Path:
    to.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return to


@pytest.mark.parametrize("ending", ["compose.tar.gz", "images.tar.gz", ".hex", "release.json"])
def test_a_file_that_is_another_is_named(device: ReleasedDevice, ending: str) -> None:
    release = device.release("0.1.0")
    (file,) = release.glob(f"*{ending}")
    damage(release, file.name)
    with pytest.raises(InputError, match=rf"{file.name}.*SHA-256.*nothing was done"):
        Bundle.open(release, None)


def test_a_file_that_is_missing_or_without_a_digest_is_named(device: ReleasedDevice) -> None:
    release = device.release("0.1.0")
    (release / SUMS).write_text((release / SUMS).read_text().splitlines(keepends=True)[0])
    with pytest.raises(InputError, match="no digest of"):
        Bundle.open(release, None)
    next(release.glob("*.hex")).unlink()
    relist(release)
    with pytest.raises(InputError, match=r"no digest of calmloop-chair"):
        Bundle.open(release, None)
    with pytest.raises(InputError, match="is not there"):
        Bundle.open(release / "elsewhere", None)


def test_where_a_key_is_given_another_s_signature_or_none_is_refused(
    device: ReleasedDevice, tmp_path: Path
) -> None:
    key, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    ours, theirs = public(key, tmp_path / "ours.pub"), public(other, tmp_path / "theirs.pub")
    signed = device.release("0.1.0", key=key)
    assert "signed by" in Bundle.open(signed, ours).signed
    assert "not checked" in Bundle.open(signed, None).signed
    with pytest.raises(InputError, match=r"not by the key of .*theirs\.pub"):
        Bundle.open(signed, theirs)
    with pytest.raises(InputError, match="take a release that was made with --key"):
        Bundle.open(device.release("0.2.0"), ours)
    relist(signed)
    Bundle.open(signed, ours)
    damage(signed, "release.json")
    relist(signed)
    with pytest.raises(InputError, match="not by the key"):
        Bundle.open(signed, ours)


# --- put there --------------------------------------------------------------------------------


def test_a_fresh_device_has_a_release_that_runs(device: ReleasedDevice) -> None:
    device.install("0.1.0", profiles="sim,sound-sim")
    assert (device.version, device.runs) == ("0.1.0", True)
    assert "COMPOSE_PROFILES=sim,sound-sim\n" in device.env.read_text()
    assert device.home.way_back() is None and device.home.under_way() is None
    with pytest.raises(InputError, match="device update"):
        device.install("0.2.0")


def test_an_install_that_is_not_healthy_stays_to_be_looked_at(device: ReleasedDevice) -> None:
    (device.state / "sick-0.1.0").touch()
    bundle = Bundle.open(device.release("0.1.0"), None)
    assert "unhealthy" in device.releases().install(bundle, "sim").unhealthy
    assert (device.version, device.home.under_way()) == ("0.1.0", None)


def test_an_update_keeps_what_people_and_children_have(installed: ReleasedDevice) -> None:
    compose = installed.home.compose
    (compose / "calmloop.yaml").write_text("use_context: home\n")
    (compose / "scenarios/mine.yaml").write_text("title: Mine\n")
    with installed.env.open("a") as env:
        env.write("TZ=Europe/Riga\n")
    installed.profile.write_text("ceiling_pct: 30\n")
    installed.update("0.2.0")
    assert (installed.version, installed.runs) == ("0.2.0", True)
    assert (compose / "calmloop.yaml").read_text() == "use_context: home\n"
    assert (compose / "scenarios/mine.yaml").read_text() == "title: Mine\n"
    assert (compose / "scenarios/README.md").read_text() == "scenarios of 0.2.0"
    assert "TZ=Europe/Riga\n" in installed.env.read_text()
    assert installed.profile.read_text() == "ceiling_pct: 30\n"


def test_an_update_that_is_not_healthy_goes_back_by_itself_with_the_data(
    installed: ReleasedDevice,
) -> None:
    (installed.state / "sick-0.2.0").touch()
    with pytest.raises(NotHealthyError, match=r"camera is unhealthy.*0\.1\.0.*healthy;"):
        installed.update("0.2.0")
    assert (installed.version, installed.runs) == ("0.1.0", True)
    assert installed.home.under_way() is None and installed.home.way_back() is None


def test_a_rollback_brings_data_and_settings_of_before_and_keeps_what_came_since(
    installed: ReleasedDevice,
) -> None:
    installed.update("0.2.0")
    installed.profile.write_text("ceiling_pct: 5\n")
    outcome = installed.releases().roll_back()
    assert (installed.version, installed.runs, outcome.unhealthy) == ("0.1.0", True, "")
    assert installed.profile.read_text() == "ceiling_pct: 40\n"
    assert outcome.restored is not None
    (aside,) = (path for path in outcome.restored.aside if "profiles" in str(path))
    assert (aside / "c7.yaml").read_text() == "ceiling_pct: 5\n"
    with pytest.raises(InputError, match="no release before"):
        installed.releases().roll_back()


def test_an_update_that_failed_leaves_the_way_back_of_before_open(
    installed: ReleasedDevice,
) -> None:
    installed.update("0.2.0")
    (installed.state / "sick-0.3.0").touch()
    with pytest.raises(NotHealthyError):
        installed.update("0.3.0")
    assert installed.version == "0.2.0"
    installed.releases().roll_back()
    assert installed.version == "0.1.0"


def test_no_more_is_kept_than_the_way_back_needs(installed: ReleasedDevice) -> None:
    for version in ("0.2.0", "0.3.0", "0.4.0"):
        installed.update(version)
    kept = sorted(path.name.partition("-")[0] for path in installed.home.folder.iterdir())
    assert kept == [".way", "compose", "compose.before", "volumes"]


# --- refused ----------------------------------------------------------------------------------

ARMED = ChairWord(STILL.session, ChairState(mode=ChairMode.ARMED))
RUNNING = ChairWord(SessionState(phase=Phase.RUNNING), STILL.chair)
SILENT = ChairWord(silence="nobody says how the chair is: look")


def busy(word: ChairWord) -> Callable[[ReleasedDevice], None]:
    def make(device: ReleasedDevice) -> None:
        device.word = word

    return make


def real(device: ReleasedDevice) -> None:
    device.env.write_text("COMPOSE_PROFILES=device\nIMAGE_TAG=0.1.0\n")


REFUSED: dict[str, tuple[Callable[[ReleasedDevice], object], dict[str, Any], str]] = {
    "armed": (busy(ARMED), {}, "the chair is armed.*nothing was done"),
    "in a session": (busy(RUNNING), {}, "a session is under way.*nothing was done"),
    "silent": (busy(SILENT), {}, "nobody says how the chair is.*nothing was done"),
    "of another firmware": (
        real,
        {"firmware": "1.3.0"},
        r"is 1\.2\.0, and .* 1\.3\.0: .*chair flash calmloop-chair-1\.3\.0\.hex",
    ),
    "the same": (lambda _: None, {"version": "0.1.0"}, "same tag.*--images TAG"),
    "older": (lambda _: None, {"version": "0.0.9"}, "older than.*rollback"),
    "for another processor": (lambda _: None, {"architecture": "amd64"}, "for amd64.*for arm64"),
    "without images": (lambda _: None, {"with_images": False}, r"camera:0\.2\.0 is not here"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_is_refused_touches_nothing(installed: ReleasedDevice, why: str) -> None:
    prepare, about, told = REFUSED[why]
    prepare(installed)
    release = installed.release(**({"version": "0.2.0"} | about))
    before = seen(installed.home.folder)
    stops = len(installed.called("stop", "compose up"))
    with pytest.raises((InputError, DeviceBusyError), match=told):
        installed.releases().update(Bundle.open(release, None), flashed=False)
    assert seen(installed.home.folder) == before
    assert len(installed.called("stop", "compose up")) == stops


def test_a_rollback_is_refused_under_a_child(installed: ReleasedDevice) -> None:
    installed.update("0.2.0")
    for word in (ARMED, RUNNING, SILENT):
        installed.word = word
        with pytest.raises(DeviceBusyError, match="nothing was done"):
            installed.releases().roll_back()
    assert (installed.version, installed.home.under_way()) == ("0.2.0", None)


def test_who_starts_a_session_while_health_is_waited_for_is_not_stopped(
    installed: ReleasedDevice,
) -> None:
    (installed.state / "sick-0.2.0").touch()
    words = iter([STILL, STILL, RUNNING])
    installed.ask = lambda *_: next(words)  # type: ignore[method-assign]
    with pytest.raises(DeviceBusyError, match=r"finish it first; then `calmloop device start`"):
        installed.update("0.2.0")
    assert (installed.version, installed.runs) == ("0.2.0", True)
    installed.ask = lambda *_: SILENT  # type: ignore[method-assign]
    installed.releases().carry_on()
    assert installed.version == "0.1.0"


# --- the chair's firmware ---------------------------------------------------------------------


@pytest.mark.parametrize("runs", [True, False])
def test_a_chair_that_does_not_say_its_firmware_needs_a_technician_s_word(
    installed: ReleasedDevice, runs: bool
) -> None:
    real(installed)
    installed.word = ChairWord(STILL.session, ChairState(mode=ChairMode.DISCONNECTED))
    if not runs:
        (installed.state / "runs").unlink()
    release = Bundle.open(installed.release("0.2.0", firmware="1.3.0"), None)
    with pytest.raises((InputError, DeviceBusyError), match="--flashed"):
        installed.releases().update(release, flashed=False)
    installed.releases().update(release, flashed=True)
    assert installed.version == "0.2.0"
    installed.update("0.3.0", firmware="1.3.0")
    assert installed.version == "0.3.0", "the same firmware again"


def test_whatever_the_technician_says_the_chair_s_own_word_counts(
    installed: ReleasedDevice,
) -> None:
    real(installed)
    release = Bundle.open(installed.release("0.2.0", firmware="1.3.0"), None)
    with pytest.raises(DeviceBusyError, match="chair flash"):
        installed.releases().update(release, flashed=True)
    installed.word = ChairWord(
        STILL.session, ChairState(mode=ChairMode.SAFE, firmware="1.3.0", cap_hash="00000001")
    )
    with pytest.raises(DeviceBusyError, match=r"00000001.*bf7501d5.*chair flash"):
        installed.releases().update(release, flashed=True)


def test_a_rollback_to_a_release_of_another_firmware_says_what_to_flash(
    installed: ReleasedDevice,
) -> None:
    installed.update("0.2.0", firmware="1.3.0")
    told = installed.releases().roll_back().to_flash
    assert "1.2.0" in told and str(installed.home.compose / "firmware.hex") in told
    assert (installed.home.compose / "firmware.hex").read_text() == ":1.2.0\n"
