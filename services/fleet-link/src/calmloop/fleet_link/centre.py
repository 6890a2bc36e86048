"""The centre's broker: MQTT 5 over TLS with the device's certificate.

All that is heard from there is how far the centre holds what was sent. It is a number; nothing of
it reaches the chair's bus.
"""

import queue
import ssl
from pathlib import Path
from typing import Any

import structlog
from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from calmloop.base.clock import Clock, monotonic_s
from calmloop.contract.fleet_topics import ack_topic, up_topic
from calmloop.contract.messages.fleet import FleetAck, FleetBatch
from calmloop.fleet_link.renewal_client import trusting

KEEPALIVE_S = 20
MIN_RECONNECT_S, MAX_RECONNECT_S = 1, 60
MAX_UNSENT = 4
"""In memory: whatever is more waits in the log."""
MAX_ACK_BYTES = 200
MAX_ACKS = 100
QOS = 1


class CentreLink:
    """Connects by itself, again and again, from its own thread."""

    def __init__(
        self, chair: str, host: str, port: int, tls: ssl.SSLContext,
        clock: Clock, log: structlog.typing.FilteringBoundLogger,
    ) -> None:  # fmt: skip
        """Args: the chair's name in the fleet, its centre, its certificate, clock, where to log."""
        self._chair, self._clock, self._log = chair, clock, log
        self._acks: queue.Queue[FleetAck] = queue.Queue(MAX_ACKS)
        self._state = "the centre was not reached yet"
        client = Client(CallbackAPIVersion.VERSION2, chair, protocol=MQTTv5)
        client.tls_set_context(tls)
        client.reconnect_delay_set(MIN_RECONNECT_S, MAX_RECONNECT_S)
        client.max_queued_messages_set(MAX_UNSENT)
        client.on_connect, client.on_disconnect = self._on_connect, self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_connect_fail = self._on_connect_fail
        client.on_message = self._on_message
        self._client = client
        client.connect_async(host, port, KEEPALIVE_S)

    @property
    def trouble(self) -> str:
        """Why nothing can be sent now; empty: it can."""
        return self._state

    def start(self) -> None:
        """Begins to connect."""
        self._client.loop_start()

    def stop(self) -> None:
        """Leaves."""
        self._client.disconnect()
        self._client.loop_stop()

    def send(self, batch: FleetBatch, timeout_s: float) -> FleetAck | None:
        """Sends a batch; how far the centre holds it, or None where it does not say in time."""
        payload = batch.model_dump_json(exclude_defaults=True)
        self._client.publish(up_topic(self._chair), payload, qos=QOS)
        until_s = monotonic_s(self._clock) + timeout_s
        while (left_s := until_s - monotonic_s(self._clock)) > 0 and not self.trouble:
            try:
                ack = self._acks.get(timeout=min(left_s, 0.5))
            except queue.Empty:
                continue
            if ack.epoch == batch.epoch and ack.up_to >= batch.first:
                return ack
        return None

    def _on_connect(
        self, client: Client, _data: Any, _flags: Any, reason: ReasonCode, _p: Properties | None
    ) -> None:
        if reason.is_failure:
            self._state = f"the centre refuses this device: {reason}"
            self._log.warning("the centre refuses", reason=str(reason))
        else:
            client.subscribe(ack_topic(self._chair), qos=QOS)

    def _on_subscribe(
        self, _c: Client, _data: Any, _mid: int, reasons: list[ReasonCode], _p: Properties | None
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            self._state = "the centre gives no acknowledgements to this device"
        else:
            self._state = ""
            self._log.info("the centre is there")

    def _on_disconnect(
        self, _c: Client, _data: Any, _flags: Any, reason: ReasonCode, _p: Properties | None
    ) -> None:
        if not self._state or not reason.is_failure:
            self._state = f"the centre is gone: {reason}"

    def _on_connect_fail(self, _client: Client, _data: Any) -> None:
        self._state = "the centre cannot be reached, or its certificate is not right"

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        """Anything but an acknowledgement is dropped unread."""
        if message.topic != ack_topic(self._chair) or len(message.payload) > MAX_ACK_BYTES:
            return
        try:
            self._acks.put_nowait(FleetAck.model_validate_json(message.payload))
        except (ValueError, queue.Full):
            self._log.warning("what the centre says is no acknowledgement")


def tls_context(authority: Path, certificate: Path, key: Path) -> ssl.SSLContext:
    """Trusts one authority alone, and shows the device's certificate.

    Raises:
        OSError: a file is none of those, or the key is of another certificate.
    """
    context = trusting(authority)
    context.load_cert_chain(certificate, key)
    return context
