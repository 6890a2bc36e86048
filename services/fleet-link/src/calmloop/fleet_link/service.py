"""The link on the chair's bus: it says how it does, and hears and says nothing else there.

Nothing waits for it: a chair is as safe without it, and its log keeps what it does not bring.
"""

import ssl
import threading

from calmloop.base.errors import ConfigurationError, DeviceError
from calmloop.contract.messages.fleet import DeviceCertificate
from calmloop.fleet_link.centre import CentreLink, tls_context
from calmloop.fleet_link.courier import Courier
from calmloop.fleet_link.identity import chair_of_certificate
from calmloop.fleet_link.outbox_client import OutboxClient
from calmloop.fleet_link.renewal_client import RENEW, ask_centre
from calmloop.fleet_link.renewing import CertificateRenewal
from calmloop.fleet_link.settings import FleetLinkSection, Settings, read_file
from calmloop.service.runtime import Context, Health

CLOSE_S = 2.0


class FleetLinkService:
    """Brings what waits, from a thread of its own, so that its beat does not wait for a network."""

    period_s = 0.5

    def __init__(self, context: Context[Settings]) -> None:
        self._clock, self._log = context.clock, context.log
        self._stopping = threading.Event()
        self._centre: CentreLink | None = None
        self._courier: Courier | None = None
        self._renewal: CertificateRenewal | None = None
        self._thread: threading.Thread | None = None
        if context.settings.fleet_link.centre_host:
            self._start(context.settings.fleet_link)

    def turn(self) -> Health:
        """Says what it waits for: that the centre is away is no illness of the chair."""
        if self._thread is not None and not self._thread.is_alive():
            raise DeviceError("what brings events to the centre has crashed: see the traceback")
        troubles = (part.trouble for part in (self._courier, self._renewal) if part)
        return Health(healthy=True, waits_for="; ".join(filter(None, troubles))[:200])

    def discard(self) -> None:
        """It holds nothing."""

    def close(self) -> None:
        """Ends; what was not acknowledged waits in the log."""
        self._stopping.set()
        if self._centre is not None:
            self._centre.stop()
        if self._thread is not None:
            self._thread.join(CLOSE_S)

    def _start(self, section: FleetLinkSection) -> None:
        certificate = read_file(section.certificate_file, "fleet_link.certificate_file")
        chair = chair_of_certificate(certificate)
        token = read_file(section.log_token_file, "fleet_link.log_token_file").decode().strip()
        tls = _tls(section)
        self._centre = CentreLink(
            chair, section.centre_host, section.centre_port, tls, self._clock, self._log
        )
        outbox = OutboxClient(section.log_host, section.log_port, token)
        self._courier = Courier(outbox, self._centre)
        self._renewal = self._renewing(section, tls)
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
        self._centre.start()
        self._thread.start()
        self._log.info("brings events to the centre", chair=chair, centre=section.centre_host)

    def _renewing(
        self, section: FleetLinkSection, tls: ssl.SSLContext
    ) -> CertificateRenewal | None:
        path, key, port = section.certificate_file, section.key_file, section.renewal_port
        if path is None or not port:
            return None

        def ask() -> DeviceCertificate:
            return ask_centre(section.centre_host, port, tls, RENEW)

        def renewed() -> None:
            tls.load_cert_chain(path, key)  # for the next connection; this one stays

        return CertificateRenewal(path, ask, renewed, self._clock, self._log)

    def _run(self) -> None:
        courier, renewal = self._courier, self._renewal
        assert courier is not None
        try:
            while not self._stopping.wait(courier.step()):
                if renewal is not None:
                    renewal.turn()
        except Exception:
            self._log.exception("the courier crashed")
            raise


def _tls(section: FleetLinkSection) -> ssl.SSLContext:
    files = (section.authority_file, section.certificate_file, section.key_file)
    if None in files:
        raise ConfigurationError(
            "fleet_link: authority_file, certificate_file and key_file are needed with centre_host"
        )
    try:
        return tls_context(*(file for file in files if file))
    except OSError as error:
        raise ConfigurationError(
            f"fleet_link: authority_file, certificate_file or key_file is not right ({error}):"
            " take the three that enrolment has left on this device"
        ) from None
