"""Renews the device's certificate before it ends, for the same key, with the one that it has."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from calmloop.base.clock import Clock, monotonic_s
from calmloop.base.errors import CalmloopError, InputError
from calmloop.contract.messages.fleet import DeviceCertificate
from calmloop.fleet_link.device_files import keep_certificate

LOOK_S = 3600.0
LEFT = 3
"""It is renewed once a third of its time is left: months in which a centre may be away."""


class CertificateRenewal:
    """Looks once an hour.

    Attributes:
        trouble: Why it could not be renewed; empty: it was not due, or it was.
    """

    def __init__(
        self,
        path: Path,
        ask: Callable[[], DeviceCertificate],
        renewed: Callable[[], None],
        clock: Clock,
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        """Args: the certificate's file, what asks the centre, whom to tell, clock, where to log."""
        self._path, self._ask, self._renewed = path, ask, renewed
        self._clock, self._log = clock, log
        self._looked_s = float("-inf")
        self.trouble = ""

    def turn(self) -> None:
        """Renews it where it is due."""
        now_s = monotonic_s(self._clock)
        if now_s - self._looked_s < LOOK_S:
            return
        self._looked_s = now_s
        try:
            if self._renew_if_due():
                self._log.info("the certificate is renewed")
        except (OSError, ValueError, CalmloopError) as error:
            self.trouble = f"the certificate cannot be renewed: {error}"
            self._log.warning("the certificate cannot be renewed", reason=str(error)[:300])
        else:
            self.trouble = ""

    def _renew_if_due(self) -> bool:
        held = x509.load_pem_x509_certificate(self._path.read_bytes())
        if not is_due(held.not_valid_before_utc, held.not_valid_after_utc, self._clock.utc_now()):
            return False
        key = held.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise InputError("its key is of another kind than the centre signs")
        keep_certificate(self._path, self._ask().certificate, key)
        self._renewed()
        return True


def is_due(begins: datetime, ends: datetime, now: datetime) -> bool:
    """Whether a certificate is to be renewed."""
    left: timedelta = ends - now
    return left < (ends - begins) / LEFT
