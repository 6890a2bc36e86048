"""What the init service does with files that a power cut or a bad restore has damaged."""

import subprocess
from pathlib import Path

import pytest

from calmloop.compose_init.certificates import CertificatePair
from tests.unit.packaging.test_accounts_volume import contents, init, volumes

pytestmark = pytest.mark.slow

__all__ = ["volumes"]


def refused(volumes: dict[str, str]) -> str:
    before = contents(volumes["CALMLOOP_ACCOUNTS"])
    result = init(volumes, "prepare")
    assert result.returncode == 2, result.stderr
    assert "Traceback" not in result.stderr
    assert contents(volumes["CALMLOOP_ACCOUNTS"]) == before, "a half of it was handed on"
    return result.stderr


def replace(volumes: dict[str, str], name: str, content: bytes) -> None:
    path = Path(volumes["CALMLOOP_VAULT"]) / name
    path.unlink()
    path.write_bytes(content)


@pytest.mark.parametrize("content", [b"", b"{", b'{"credentials": {"camera": {"password": ""}}}'])
def test_damaged_passwords_are_refused_with_what_to_do(
    volumes: dict[str, str], content: bytes
) -> None:
    assert init(volumes, "prepare").returncode == 0
    replace(volumes, "secrets.json", content)
    said = refused(volumes)
    assert "secrets.json is empty or damaged" in said
    assert "restore it from a backup" in said


def test_what_is_said_of_damaged_passwords_holds_none(volumes: dict[str, str]) -> None:
    init(volumes, "prepare")
    password = init(volumes, "show", "caregiver").stdout.strip()
    whole = (Path(volumes["CALMLOOP_VAULT"]) / "secrets.json").read_bytes()
    replace(volumes, "secrets.json", whole[:-20])
    assert password not in refused(volumes)


@pytest.mark.parametrize("name", ["ca.crt", "ca.key"])
def test_a_damaged_authority_is_never_handed_on(volumes: dict[str, str], name: str) -> None:
    init(volumes, "prepare")
    replace(volumes, name, b"")
    assert "ca.crt and ca.key are not a pair" in refused(volumes)


@pytest.mark.parametrize("name", ["ca.crt", "ca.key"])
def test_half_an_authority_is_not_replaced_in_silence(volumes: dict[str, str], name: str) -> None:
    init(volumes, "prepare")
    (Path(volumes["CALMLOOP_VAULT"]) / name).unlink()
    assert "not a pair" in refused(volumes)


@pytest.mark.parametrize("name", ["server.crt", "server.key"])
@pytest.mark.parametrize("content", [b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n", None])
def test_a_damaged_server_certificate_is_made_anew_by_the_same_authority(
    volumes: dict[str, str], name: str, content: bytes | None
) -> None:
    init(volumes, "prepare")
    before = contents(volumes["CALMLOOP_ACCOUNTS"])
    if content is None:
        (Path(volumes["CALMLOOP_VAULT"]) / name).unlink()
    else:
        replace(volumes, name, content)
    assert init(volumes, "prepare").returncode == 0
    after = contents(volumes["CALMLOOP_ACCOUNTS"])
    assert after["ca.crt"] == before["ca.crt"]
    served = CertificatePair(after["broker/server.crt"], after["broker/server.key"])
    assert served.is_pair()
    assert served.is_signed_by(CertificatePair(after["ca.crt"], b""))


def test_a_server_certificate_of_another_authority_is_made_anew(volumes: dict[str, str]) -> None:
    """As after a restore of half the vault."""
    init(volumes, "prepare")
    for name in ("ca.crt", "ca.key"):
        (Path(volumes["CALMLOOP_VAULT"]) / name).unlink()
    assert init(volumes, "prepare").returncode == 0
    after = contents(volumes["CALMLOOP_ACCOUNTS"])
    served = CertificatePair(after["broker/server.crt"], after["broker/server.key"])
    assert served.is_signed_by(CertificatePair(after["ca.crt"], b""))


def test_a_full_disk_leaves_what_was_there_whole(volumes: dict[str, str], tmp_path: Path) -> None:
    """A limit of 0 bytes to a file stands for the full disk."""
    init(volumes, "prepare")
    before = [contents(folder) for folder in volumes.values()]
    shell = 'ulimit -f 0; trap "" XFSZ; exec "$@"'
    done: subprocess.CompletedProcess[str] = init(
        volumes, "renew", "caregiver", through=("sh", "-c", shell, "sh")
    )
    assert done.returncode == 1, done.stderr
    assert "secrets.json" in done.stderr
    assert "make room on the disk" in done.stderr
    assert "Traceback" not in done.stderr
    assert [contents(folder) for folder in volumes.values()] == before


@pytest.mark.parametrize("blocks", [0, 1, 2])
def test_a_disk_that_is_full_at_first_costs_nothing_once_there_is_room(
    volumes: dict[str, str], blocks: int
) -> None:
    """With one block of 512 bytes to a file a key fits, and its certificate does not."""
    shell = f'ulimit -f {blocks}; trap "" XFSZ; exec "$@"'
    full = init(volumes, "prepare", through=("sh", "-c", shell, "sh"))
    assert full.returncode == 1, full.stderr
    assert "make room on the disk" in full.stderr
    then = init(volumes, "prepare")
    assert then.returncode == 0, then.stderr
