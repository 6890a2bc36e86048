"""The fleet's authority: signs a device's own key for the name of a chair, and nothing else."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from calmloop.base.errors import ConfigurationError, InputError

VALID = timedelta(days=365)
RENEWED_WITHIN = VALID / 2
"""A certificate with more left than that is not renewed."""
BACKDATED = timedelta(days=1)
"""Clocks differ."""
CURVE = ec.SECP256R1


@dataclass(frozen=True)
class SignedCertificate:
    """A certificate for a chair."""

    pem: str
    serial: str
    expires: datetime


class FleetAuthority:
    """Who has its key makes chairs."""

    def __init__(self, certificate: Path, key: Path) -> None:
        """Reads both files.

        Raises:
            ConfigurationError: they cannot be read, or are not a pair.
        """
        try:
            self._certificate = x509.load_pem_x509_certificate(certificate.read_bytes())
            signer = serialization.load_pem_private_key(key.read_bytes(), password=None)
        except (OSError, ValueError, TypeError) as error:
            raise ConfigurationError(
                f"{certificate} with {key}: the authority cannot be used ({error}): take the two"
                " that `certificates.sh FOLDER authority` has made"
            ) from None
        if not isinstance(signer, ec.EllipticCurvePrivateKey):
            raise ConfigurationError(f"{key}: is no elliptic-curve key: see {certificate}")
        if signer.public_key() != self._certificate.public_key():
            raise ConfigurationError(f"{key}: is not the key of {certificate}")
        self._signer = signer

    def enrol(self, chair: str, request: str, now: datetime) -> SignedCertificate:
        """Signs the key of a request for a chair; whatever else the request says counts nothing.

        Raises:
            InputError: it is no request, or not signed by its key, or that is of another kind.
        """
        try:
            parsed = x509.load_pem_x509_csr(request.encode())
            key, is_signed = parsed.public_key(), parsed.is_signature_valid
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise InputError("request: is no certificate request in PEM") from None
        if not is_signed:
            raise InputError("request: is not signed by the key that it is for")
        return self._sign(chair, key, now)

    def renew(self, chair: str, held: x509.Certificate, now: datetime) -> SignedCertificate:
        """A further certificate for the key of one; TLS has shown that who asks has the key.

        Raises:
            InputError: it is good for long yet.
        """
        if held.not_valid_after_utc - now > RENEWED_WITHIN:
            raise InputError(f"the certificate is good until {held.not_valid_after_utc:%Y-%m-%d}")
        return self._sign(chair, held.public_key(), now)

    def _sign(self, chair: str, key: object, now: datetime) -> SignedCertificate:
        if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, CURVE):
            raise InputError("request: its key is not of the curve P-256")
        serial = x509.random_serial_number()
        expires = min(now + VALID, self._certificate.not_valid_after_utc).replace(microsecond=0)
        name = [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Calmloop"),
            x509.NameAttribute(NameOID.COMMON_NAME, chair),
        ]
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name(name))
            .issuer_name(self._certificate.subject)
            .public_key(key)
            .serial_number(serial)
            .not_valid_before(now - BACKDATED)
            .not_valid_after(expires)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_SIGNS_ALONE, critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._signer.public_key()),
                critical=False,
            )
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        )
        signed = builder.sign(self._signer, hashes.SHA256())
        pem = signed.public_bytes(serialization.Encoding.PEM).decode()
        return SignedCertificate(pem, f"{serial:x}", expires)


_SIGNS_ALONE = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


def chair_named(certificate: x509.Certificate) -> str:
    """Which chair a certificate is for; empty: for none."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if len(names) == 1 else ""
