"""The device's own files: its key, which never leaves it, and what the centre has signed."""

import os
from contextlib import suppress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from calmloop.base.errors import InputError
from calmloop.base.whole_files import whole_file, written

AUTHORITY, CERTIFICATE, KEY = "authority.crt", "device.crt", "device.key"
ANYBODY = "device"
"""What a request says of its name: the centre gives another."""


class DeviceFolder:
    """A folder that this device's link alone reads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def authority(self) -> Path:
        """Whose certificate the centre has."""
        return self._folder / AUTHORITY

    def own_key(self) -> ec.EllipticCurvePrivateKey:
        """The device's key, made now where there is none.

        Raises:
            InputError: there is one that cannot be read.
            OutputError: it cannot be written.
        """
        path = self._folder / KEY
        with written(path):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with suppress(FileNotFoundError):
                return _read_key(path)
            key = ec.generate_private_key(ec.SECP256R1())
            self._write(path, _pem(key))
        return key

    def request(self) -> str:
        """A certificate request for the device's key, PEM.

        Raises:
            InputError, OutputError: as of `own_key`.
        """
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, ANYBODY)])
        builder = x509.CertificateSigningRequestBuilder().subject_name(name)
        signed = builder.sign(self.own_key(), hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.PEM).decode()

    def keep(self, certificate: str, authority: bytes) -> None:
        """Keeps what the centre has signed, and whom the device trusts.

        Raises:
            InputError: it is not for the device's key.
            OutputError: it cannot be written.
        """
        keep_certificate(self._folder / CERTIFICATE, certificate, self.own_key().public_key())
        if not self.authority.exists() or self.authority.read_bytes() != authority:
            self._write(self.authority, authority)

    def give_to(self, uid: int) -> None:
        """Makes another user the owner of all of it, as only root can.

        Raises:
            OutputError: this user cannot.
        """
        for path in (
            self._folder,
            *(self._folder / name for name in (AUTHORITY, CERTIFICATE, KEY)),
        ):
            with written(path):
                os.chown(path, uid, uid)

    def _write(self, path: Path, content: bytes) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def keep_certificate(path: Path, certificate: str, key: ec.EllipticCurvePublicKey) -> None:
    """Replaces a certificate by another for the same key, whole or not at all.

    Raises:
        InputError: it is none, or for another key.
        OutputError: it cannot be written.
    """
    try:
        signed = x509.load_pem_x509_certificate(certificate.encode())
    except ValueError:
        raise InputError("the centre has sent no certificate in PEM") from None
    if signed.public_key() != key:
        raise InputError("the centre has sent a certificate for another key")
    with whole_file(path) as file:
        file.write(certificate.encode())


def _read_key(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise InputError(f"{path}: is no key of this device: remove it, and a new one is made")
    return key


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
