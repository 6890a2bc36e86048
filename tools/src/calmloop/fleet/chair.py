"""One simulated chair: what waits in it, and its connection.

It does as fleet-link does: keeps what happened until the centre has acknowledged it, sends all that
waits as one batch, and no second one before that; and comes back when its connection is gone.
"""

import secrets
import ssl
from dataclasses import dataclass, field
from typing import Any

from paho.mqtt.client import Client

from calmloop.base.clock import Clock, monotonic_s
from calmloop.contract.fleet_topics import ack_topic, up_topic
from calmloop.contract.messages.fleet import (
    MAX_BATCH,
    FleetAck,
    FleetBatch,
    FleetItem,
    FleetItemKind,
)
from calmloop.fleet_link import MAX_RECONNECT_S, MIN_RECONNECT_S

RESEND_S = 10.0
NOW = float("-inf")
DATA = {"change": "calm", "from_pct": 24.0, "to_pct": 25.0, "label": "neutral", "confidence": 0.9}
"""What most events of a session are like."""


@dataclass
class FleetFigures:
    """What a run came to.

    Attributes:
        events: How many happened, in chairs that do not flood.
        held: How many of them the centre has acknowledged.
        waits_s: From when each happened to its acknowledgement.
    """

    events: int = 0
    held: int = 0
    waits_s: list[float] = field(default_factory=list)


class SimulatedChair:
    """Its connection is driven by whoever has it.

    Attributes:
        joined: Whether it hears what is acknowledged, and may send.
        refused: What the broker said last.
        connection: What it is connected by, as long as that is watched; None: it is not.
        retry_s: When it may try to come back.
    """

    def __init__(
        self, name: str, client: Client, figures: FleetFigures, clock: Clock, *, floods: bool
    ) -> None:
        self.name, self.client = name, client
        self.joined, self.refused = False, "no answer"
        self.connection: ssl.SSLSocket | None = None
        self.retry_s, self._delay_s = NOW, float(MIN_RECONNECT_S)
        self._floods, self._figures, self._clock = floods, figures, clock
        self._epoch = secrets.token_hex(8)
        self._happened: list[tuple[float, int]] = []
        self._held = 0
        self._resend_s = NOW
        client.on_connect, client.on_subscribe = self._on_connect, self._on_subscribe
        client.on_message = self._on_message
        client.on_disconnect = self._on_disconnect

    def happen(self, clock: Clock) -> None:
        """Something that leaves."""
        at_ms = round(clock.utc_now().timestamp() * 1000)
        self._happened.append((monotonic_s(clock), at_ms))
        self._figures.events += not self._floods

    def fill(self, clock: Clock, *, on: bool) -> None:
        """A whole batch more, if none waits."""
        while on and len(self._happened) < MAX_BATCH:
            self.happen(clock)

    def send(self, clock: Clock) -> None:
        """Sends what waits, unless a batch is under way."""
        if not self.joined or not self._happened:
            return
        now_s = monotonic_s(clock)
        if now_s < self._resend_s:
            return
        items = [
            FleetItem(seq=n, kind=FleetItemKind.EVENT, at_ms=at_ms, what="change", data=DATA)
            for n, (_, at_ms) in enumerate(self._happened[:MAX_BATCH], self._held + 1)
        ]
        batch = FleetBatch(epoch=self._epoch, items=tuple(items))
        self.client.publish(up_topic(self.name), batch.model_dump_json(exclude_defaults=True), 1)
        self._resend_s = now_s + RESEND_S

    def lost(self) -> None:
        """It has no connection: it waits for longer each time."""
        self.connection = None
        self.retry_s = monotonic_s(self._clock) + self._delay_s
        self._delay_s = min(2 * self._delay_s, MAX_RECONNECT_S)

    def _on_connect(self, client: Client, _d: Any, _f: Any, reason: Any, _p: Any) -> None:
        self.refused = str(reason)
        if not reason.is_failure:
            client.subscribe(ack_topic(self.name), 1)

    def _on_subscribe(self, *_: Any) -> None:
        self.joined, self._resend_s, self._delay_s = True, NOW, float(MIN_RECONNECT_S)

    def _on_disconnect(self, *_: Any) -> None:
        self.joined = False

    def _on_message(self, _client: Client, _data: Any, message: Any) -> None:
        ack = FleetAck.model_validate_json(message.payload)
        new = ack.up_to - self._held
        if ack.epoch != self._epoch or new <= 0:
            return
        if not self._floods:
            now_s = monotonic_s(self._clock)
            self._figures.waits_s += [now_s - at_s for at_s, _ in self._happened[:new]]
            self._figures.held += new
        del self._happened[:new]
        self._held, self._resend_s = ack.up_to, NOW
