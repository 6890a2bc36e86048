"""The authority signs the device's own key, for the chair that the centre says."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from calmloop.base.errors import ConfigurationError, InputError
from calmloop.fleet_centre.authority import RENEWED_WITHIN, VALID, FleetAuthority, chair_named
from calmloop.fleet_link.device_files import DeviceFolder
from tests.unit.fleet_centre.fleet_certificates import make_certificates

NOW = datetime(2026, 11, 30, tzinfo=UTC)


@pytest.fixture
def authority(tmp_path: Path) -> FleetAuthority:
    make_certificates(tmp_path)
    return FleetAuthority(tmp_path / "authority.crt", tmp_path / "authority.key")


def request_of(key: ec.EllipticCurvePrivateKey, name: str) -> str:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = x509.CertificateSigningRequestBuilder().subject_name(subject)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def test_a_request_gets_the_chair_s_name_and_nothing_that_it_asks_for(
    authority: FleetAuthority,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    signed = authority.enrol("chair-7", request_of(key, "another"), NOW)
    made = x509.load_pem_x509_certificate(signed.pem.encode())
    assert (chair_named(made), made.public_key()) == ("chair-7", key.public_key())
    assert not made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert made.not_valid_after_utc == signed.expires == NOW + VALID


def test_a_device_s_own_request_holds_no_private_key(
    authority: FleetAuthority, tmp_path: Path
) -> None:
    device = DeviceFolder(tmp_path / "device")
    request = device.request()
    assert "PRIVATE" not in request
    assert device.request().count("BEGIN") == 1
    assert (tmp_path / "device/device.key").stat().st_mode & 0o777 == 0o600
    signed = authority.enrol("chair-7", request, NOW)
    device.keep(signed.pem, (tmp_path / "authority.crt").read_bytes())
    with pytest.raises(InputError, match="another key"):
        DeviceFolder(tmp_path / "other").keep(signed.pem, b"")


@pytest.mark.parametrize("curve", [ec.SECP384R1(), ec.SECP256K1()])
def test_other_keys_are_refused(authority: FleetAuthority, curve: ec.EllipticCurve) -> None:
    with pytest.raises(InputError, match="P-256"):
        authority.enrol("chair-7", request_of(ec.generate_private_key(curve), "x"), NOW)


def test_a_request_that_its_key_has_not_signed_is_refused(authority: FleetAuthority) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    whole = x509.load_pem_x509_csr(request_of(key, "aaaa").encode())
    changed = whole.public_bytes(serialization.Encoding.DER).replace(b"aaaa", b"bbbb")
    forged = x509.load_der_x509_csr(changed).public_bytes(serialization.Encoding.PEM)
    for request in (forged.decode(), "no request", ""):
        with pytest.raises(InputError):
            authority.enrol("chair-7", request, NOW)


def test_a_certificate_is_renewed_for_the_same_key_once_half_of_it_is_over(
    authority: FleetAuthority,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    signed = authority.enrol("chair-7", request_of(key, "x"), NOW)
    held = x509.load_pem_x509_certificate(signed.pem.encode())
    with pytest.raises(InputError, match="is good until"):
        authority.renew("chair-7", held, NOW + timedelta(days=1))
    later = NOW + VALID - RENEWED_WITHIN
    renewed = authority.renew("chair-7", held, later)
    made = x509.load_pem_x509_certificate(renewed.pem.encode())
    assert (made.public_key(), renewed.expires) == (key.public_key(), later + VALID)
    assert renewed.serial != signed.serial


def test_files_that_are_no_pair_are_refused(tmp_path: Path) -> None:
    make_certificates(tmp_path)
    with pytest.raises(ConfigurationError, match="is not the key of"):
        FleetAuthority(tmp_path / "authority.crt", tmp_path / "server.key")
    with pytest.raises(ConfigurationError, match="cannot be used"):
        FleetAuthority(tmp_path / "none.crt", tmp_path / "authority.key")
