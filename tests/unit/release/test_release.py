"""A release is the same bytes wherever it is made, and says so by digests and a signature."""

import hashlib
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jsonschema import Draft202012Validator

from calmloop.chair_link.wire.numbers import CAP_HASH
from calmloop.device.bundle import Bundle
from tests.services import LISTING
from tools.release.checkout import Checkout
from tools.release.documents import changes, interface_texts
from tools.release.errors import CannotReleaseError
from tools.release.packing import pack
from tools.release.signing import SIGNATURE, load_key, sign, write_sums

ROOT = Path(__file__).resolve().parents[3]
EPOCH = 1_700_000_000


def files_of(folder: Path) -> dict[str, Path | bytes]:
    """A program, a text, and one that is made up."""
    folder.mkdir()
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "text").write_text("text")
    (folder / "run.sh").chmod(0o755)
    return {"b/text": folder / "text", "a/run.sh": folder / "run.sh", "a/made": b"made"}


def test_an_archive_is_the_same_whoever_packs_it(tmp_path: Path) -> None:
    one = files_of(tmp_path / "one")
    pack(tmp_path / "one.tar.gz", one, EPOCH)
    before = os.umask(0o077)
    try:
        other = files_of(tmp_path / "other")
    finally:
        os.umask(before)
    for path in (tmp_path / "other").iterdir():
        os.utime(path, (1, 1))
    pack(tmp_path / "other.tar.gz", dict(reversed(other.items())), EPOCH)
    assert (tmp_path / "one.tar.gz").read_bytes() == (tmp_path / "other.tar.gz").read_bytes()
    with tarfile.open(tmp_path / "one.tar.gz") as tar:
        told = [(m.name, m.mode, m.uid, m.uname, m.mtime) for m in tar]
    assert told == [
        ("a/made", 0o644, 0, "", EPOCH),
        ("a/run.sh", 0o755, 0, "", EPOCH),
        ("b/text", 0o644, 0, "", EPOCH),
    ]


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    file = tmp_path / "release.key"
    key = Ed25519PrivateKey.generate()
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return file


def test_digests_and_signature_are_what_other_programs_check(
    key_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "one").write_text("1")
    sums = write_sums(out)
    sign(sums, load_key(key_file))
    subprocess.run(["sha256sum", "--check", "--strict", sums.name], cwd=out, check=True)
    public = tmp_path / "release.pub"
    subprocess.run(["openssl", "pkey", "-in", key_file, "-pubout", "-out", public], check=True)
    words = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", str(public), "-rawin"]
    words += ["-in", str(sums), "-sigfile", str(out / SIGNATURE)]
    assert subprocess.run(words, check=False).returncode == 0
    sums.write_text(sums.read_text().replace("one", "two"))
    assert subprocess.run(words, check=False).returncode != 0


@pytest.mark.parametrize("text", ["", "-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----"])
def test_what_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "key").write_text(text)
    with pytest.raises(CannotReleaseError, match="openssl genpkey"):
        load_key(tmp_path / "key")


def test_the_changes_are_those_of_the_version_or_what_is_not_released_yet() -> None:
    text = "# Changelog\n\n## Unreleased\n\n- new\n\n## 0.2.0 (today)\n\n- old\n"
    assert changes(text, "0.2.0") == "# 0.2.0 (today)\n\n- old\n"
    assert changes(text, "0.3.0") == "# Unreleased\n\n- new\n"
    with pytest.raises(CannotReleaseError, match=r"0\.3\.0"):
        changes("# Changelog\n", "0.3.0")


def test_the_interfaces_say_what_they_are() -> None:
    told = {name: json.loads(text) for name, text in interface_texts().items()}
    assert told["asyncapi.json"]["asyncapi"].startswith("3.")
    for name in ("openapi-caregiver-console.json", "openapi-session-log.json"):
        assert told[name]["openapi"].startswith("3.1")
        assert len(told[name]["paths"]) >= 10
        for schema in told[name]["components"]["schemas"].values():
            Draft202012Validator.check_schema(schema)


def test_a_folder_without_history_is_no_checkout(tmp_path: Path) -> None:
    with pytest.raises(CannotReleaseError, match="checkout with its history"):
        Checkout.read(tmp_path)


# --- the whole --------------------------------------------------------------------------------


def made(out: Path, *words: str, umask: int, **environment: str) -> dict[str, str]:
    """The digest of each file of a release that is made so."""
    done = subprocess.run(
        [sys.executable, "-m", "tools.release", "--out", out, *words],
        cwd=ROOT,
        env=os.environ | environment,
        umask=umask,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "NOT SIGNED" in done.stdout
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(out.iterdir())}


@pytest.mark.slow
def test_a_release_that_is_made_twice_is_the_same(tmp_path: Path) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("a release is made in a checkout with its history")
    one = made(tmp_path / "one", umask=0o022, TZ="UTC", LC_ALL="C")
    other = made(tmp_path / "deeper/other", umask=0o077, TZ="Asia/Tokyo", LC_ALL="C.UTF-8")
    assert one == other
    release = json.loads((tmp_path / "one/release.json").read_text())
    assert release["firmware"]["sha256"] == one[release["firmware"]["file"]]
    assert release["signed"] is False
    assert Bundle.open(tmp_path / "one", None).about.firmware.cap_hash == f"{CAP_HASH:08x}"
    words = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    subprocess.run(words, cwd=tmp_path / "one", check=True)
    name = f"calmloop-{release['version']}"
    with tarfile.open(tmp_path / f"one/{name}-compose.tar.gz") as tar:
        assert f"{name}/compose/compose.yaml" in tar.getnames()
    bill = json.loads((tmp_path / f"one/{name}.cdx.json").read_text())
    urls = {component.get("purl", component["type"]) for component in bill["components"]}
    for part in ("pkg:pypi/paho-mqtt@", "pkg:npm/preact@", "pkg:docker/eclipse-mosquitto@2.0"):
        assert any(url.startswith(part) for url in urls), part
    assert {"firmware", "machine-learning-model"} <= urls
    images = {p["value"] for c in bill["components"] for p in c.get("properties", ())}
    assert images >= {service.name for service in LISTING.services}
