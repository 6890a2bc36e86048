"""The device's own certificate authority, and the broker's certificate signed by it.

A device may have no clock of its own, so validity starts well in the past; and it must not lose
its alarms because a date has passed, so it ends far in the future. A renewed name or key needs
no new authority: clients that trust `ca.crt` stay.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOT_BEFORE = datetime(1970, 1, 1, tzinfo=UTC)
"""A device without a clock of its own starts here, before it has the time from the network."""
NOT_AFTER = datetime(2049, 12, 31, tzinfo=UTC)

_NO_USE = dict.fromkeys(
    (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    ),
    False,
)


@dataclass(frozen=True)
class CertificatePair:
    """A certificate and its private key, both PEM."""

    certificate: bytes
    key: bytes

    def is_pair(self) -> bool:
        """Whether both can be read and the key is the certificate's."""
        try:
            certificate = x509.load_pem_x509_certificate(self.certificate)
            key = serialization.load_pem_private_key(self.key, password=None)
        except ValueError:
            return False
        return certificate.public_key() == key.public_key()

    def is_signed_by(self, authority: "CertificatePair") -> bool:
        """Whether whoever trusts the authority trusts this one too."""
        issuer = x509.load_pem_x509_certificate(authority.certificate)
        try:
            x509.load_pem_x509_certificate(self.certificate).verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature):
            return False
        return True

    def names(self) -> frozenset[str]:
        """The names and addresses that the certificate is for."""
        parsed = x509.load_pem_x509_certificate(self.certificate)
        san = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return frozenset(
            [*san.get_values_for_type(x509.DNSName)]
            + [str(address) for address in san.get_values_for_type(x509.IPAddress)]
        )


def new_authority(title: str) -> CertificatePair:
    """A self-signed authority that may sign servers and nothing further."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(title)
    builder = (
        _builder(name, name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_use(key_cert_sign=True, crl_sign=True), critical=True)
    )
    return _sign(builder, key, key)


def new_server(authority: CertificatePair, names: Sequence[str]) -> CertificatePair:
    """A server's certificate for `names`: host names and IP addresses, the first one its title.

    Raises:
        ValueError: a name is neither an IP address nor ASCII.
    """
    issuer = x509.load_pem_x509_certificate(authority.certificate)
    signer = serialization.load_pem_private_key(authority.key, password=None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise ValueError("the authority's key is not the elliptic-curve key that was made here")
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        _builder(_name(names[0]), issuer.subject, key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_use(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general(n) for n in names]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
            critical=False,
        )
    )
    return _sign(builder, key, signer)


def _name(title: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Calmloop"),
            x509.NameAttribute(NameOID.COMMON_NAME, title[:64]),
        ]
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _use(**allowed: bool) -> x509.KeyUsage:
    return x509.KeyUsage(**{**_NO_USE, **allowed})


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOT_BEFORE)
        .not_valid_after(NOT_AFTER)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _sign(
    builder: x509.CertificateBuilder,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
) -> CertificatePair:
    certificate = builder.sign(signer, hashes.SHA256())
    return CertificatePair(
        certificate.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
