"""Which chair of the fleet this device is: what its certificate says, and nothing else."""

import re

from cryptography import x509
from cryptography.x509.oid import NameOID

from calmloop.base.errors import ConfigurationError
from calmloop.contract.topic import CHAIR_ID_PATTERN


def chair_of_certificate(text: bytes) -> str:
    """The chair's name in the fleet.

    Args:
        text: The certificate, PEM.

    Raises:
        ConfigurationError: it is no certificate, or names no chair.
    """
    try:
        subject = x509.load_pem_x509_certificate(text).subject
    except ValueError:
        raise ConfigurationError(
            "fleet_link.certificate_file: is no certificate in PEM: take the one that the centre"
            " has made for this device"
        ) from None
    names = [str(name.value) for name in subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if len(names) != 1 or not re.fullmatch(CHAIR_ID_PATTERN, names[0]):
        raise ConfigurationError(
            f"fleet_link.certificate_file: its common name {names} is no chair's: a-z, 0-9 and -"
        )
    return names[0]
