"""Certificates of very many chairs, as the centre signs them; OpenSSL would take minutes."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from calmloop.fleet_centre.authority import FleetAuthority


def issue(folder: Path, chairs: Sequence[str]) -> None:
    """A .crt and a .key of each, by the authority that is there."""
    authority = FleetAuthority(folder / "authority.crt", folder / "authority.key")
    for chair in chairs:
        key = ec.generate_private_key(ec.SECP256R1())
        asked = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
        request = asked.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        signed = authority.enrol(chair, request.decode(), datetime.now(UTC))
        (folder / f"{chair}.crt").write_text(signed.pem)
        (folder / f"{chair}.key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
