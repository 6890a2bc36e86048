"""The init service's files: made once, kept on every further run, readable by their user alone."""

import base64
import hashlib
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from calmloop.compose_init.acl import access_list
from calmloop.compose_init.certificates import CertificatePair
from calmloop.compose_init.owners import BROKER_UID, SERVICE_UIDS
from calmloop.compose_init.passwords import Credential
from calmloop.compose_init.settings import LOCAL_NAMES, InitSettings
from calmloop.compose_init.vault import ACCOUNTS, Vault
from calmloop.contract.topics import Account

SEALED = {"setpriv": ["--bounding-set", "-all,+chown", "--inh-caps", "-all,+chown"]}


@pytest.fixture
def volumes(tmp_path: Path) -> dict[str, str]:
    """Two empty volumes and the folder of compose.yaml, as the init container sees them."""
    folders = {
        "CALMLOOP_VAULT": tmp_path / "vault",
        "CALMLOOP_ACCOUNTS": tmp_path / "accounts",
        "CALMLOOP_COMPOSE": tmp_path / "compose",
    }
    for folder in folders.values():
        folder.mkdir()
    return {name: str(folder) for name, folder in folders.items()}


def init(
    volumes: dict[str, str], *arguments: str, through: tuple[str, ...] = (), **more: str
) -> subprocess.CompletedProcess[str]:
    """Runs the init service as its container does: root with CHOWN and no other capability."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("giving files away needs root and setpriv; the system tests do it in Docker")
    return subprocess.run(
        [
            *("setpriv", *SEALED["setpriv"], *through),
            *(sys.executable, "-m", "calmloop.compose_init", *arguments),
        ],
        env={**os.environ, **volumes, **more},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def contents(folder: str) -> dict[str, bytes]:
    root = Path(folder)
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_each_user_can_read_its_own_files_and_no_others(volumes: dict[str, str]) -> None:
    assert init(volumes, "prepare").returncode == 0
    accounts = Path(volumes["CALMLOOP_ACCOUNTS"])
    uids = {**{account.value: uid for account, uid in SERVICE_UIDS.items()}, "broker": BROKER_UID}
    public = [accounts / "ca.crt", accounts / "calmloop.yaml"]
    private = [path for path in accounts.rglob("*") if path.is_file() and path not in public]
    assert {path.parent.name for path in private} == set(uids)
    for path in private:
        status = path.stat()
        assert stat.S_IMODE(status.st_mode) == 0o400, path
        assert (status.st_uid, status.st_gid) == (uids[path.parent.name],) * 2, path
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o711
    for path in public:
        assert stat.S_IMODE(path.stat().st_mode) == 0o444
    assert len(set(uids.values())) == len(uids)


def test_the_authoritys_key_and_the_peoples_passwords_stay_in_the_vault(
    volumes: dict[str, str],
) -> None:
    init(volumes, "prepare")
    laid_out = b"".join(contents(volumes["CALMLOOP_ACCOUNTS"]).values())
    vault = Vault(Path(volumes["CALMLOOP_VAULT"]))
    assert vault.authority().key not in laid_out
    assert vault.credentials()[Account.CAREGIVER].password.encode() not in laid_out
    modes = {p.stat().st_mode & 0o777 for p in Path(volumes["CALMLOOP_VAULT"]).iterdir()}
    assert modes == {0o400}


def test_running_it_again_changes_nothing(volumes: dict[str, str]) -> None:
    init(volumes, "prepare")
    before = [contents(folder) for folder in volumes.values()]
    again = init(volumes, "prepare")
    assert again.returncode == 0, again.stderr
    assert [contents(folder) for folder in volumes.values()] == before


def test_a_new_name_gets_a_new_certificate_from_the_same_authority(
    volumes: dict[str, str],
) -> None:
    init(volumes, "prepare")
    before = contents(volumes["CALMLOOP_ACCOUNTS"])
    init(volumes, "prepare", CALMLOOP_TLS_NAMES="chair.example, 192.0.2.7")
    after = contents(volumes["CALMLOOP_ACCOUNTS"])
    assert {name for name in before if before[name] != after[name]} == {
        f"{server}/server.{part}"
        for server in ("broker", "caregiver-console")
        for part in ("crt", "key")
    }
    for server in ("broker", "caregiver-console"):
        served = CertificatePair(after[f"{server}/server.crt"], after[f"{server}/server.key"])
        assert served.names() == {"chair.example", "192.0.2.7", *LOCAL_NAMES}
    assert after["broker/server.key"] != after["caregiver-console/server.key"]


def test_show_prints_the_password_alone_on_stdout(volumes: dict[str, str]) -> None:
    shown = init(volumes, "show", "caregiver")
    stored = Vault(Path(volumes["CALMLOOP_VAULT"])).credentials()[Account.CAREGIVER].password
    assert shown.stdout == stored + "\n"
    assert init(volumes, "show", "ca").stdout.startswith("-----BEGIN CERTIFICATE-----")


def test_renew_changes_one_password(volumes: dict[str, str]) -> None:
    init(volumes, "prepare")
    vault = Vault(Path(volumes["CALMLOOP_VAULT"]))
    before = dict(vault.credentials())
    assert init(volumes, "renew", "caregiver").returncode == 0
    after = vault.credentials()
    assert {name for name in before if before[name] != after[name]} == {"caregiver"}


def test_a_wrong_setting_is_explained(volumes: dict[str, str]) -> None:
    refused = init(volumes, "prepare", CALMLOOP_CHAIR_ID="Chair #1")
    assert refused.returncode == 2
    assert "CALMLOOP_CHAIR_ID" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("names", ["chair example", "a/b", "-chair", "chair..example"])
def test_a_name_that_is_none_is_refused(names: str) -> None:
    with pytest.raises(ValidationError, match="neither a host name nor an IP address"):
        InitSettings(tls_names=names)


def test_names_are_taken_once_and_addresses_in_their_usual_form() -> None:
    settings = InitSettings(tls_names="Chair.example, 2001:DB8::1 ,localhost,,")
    names = settings.certificate_names()
    assert names[:3] == ("chair.example", "2001:db8::1", "localhost")
    assert len(set(names)) == len(names)


def test_the_hash_is_what_mosquitto_checks() -> None:
    credential = Credential.new()
    kind, iterations, salt, digest = credential.mosquitto_hash().split("$")[1:]
    derived = hashlib.pbkdf2_hmac(
        "sha512", credential.password.encode(), base64.b64decode(salt), int(iterations)
    )
    assert (kind, base64.b64decode(digest)) == ("7", derived)


def test_everyone_has_an_account_of_their_own() -> None:
    passwords = [Credential.new().password for _ in ACCOUNTS]
    assert len(set(passwords)) == len(ACCOUNTS) == len(Account) + 1
    assert access_list("chair-1").count("user ") == len(ACCOUNTS)
