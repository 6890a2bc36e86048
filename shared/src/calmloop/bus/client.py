"""paho's client, with a short way in for what comes most: a publication."""

from collections.abc import Callable

import paho.mqtt.client as paho
from paho.mqtt.enums import MQTTErrorCode

from calmloop.bus import packets
from calmloop.bus.transport import RawMessage


class Client(paho.Client):
    """Hands a publication over without making six objects and two tables of it first.

    What is unusual in any way takes paho's own way, and `on_message`.
    """

    on_publication: Callable[[RawMessage], None] | None = None
    """Called as `on_message` is."""

    def _handle_publish(self) -> MQTTErrorCode:
        arrived = self._in_packet
        read = packets.read(arrived["command"], arrived["packet"])
        if read is None or self.on_publication is None:
            return super()._handle_publish()
        message, number = read
        with self._in_callback_mutex:  # what is published meanwhile is written afterwards
            self.on_publication(message)
        return self._send_puback(number) if message.qos else MQTTErrorCode.MQTT_ERR_SUCCESS
