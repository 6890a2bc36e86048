"""So many chairs on real connections, each with its own certificate, from one thread.

Each does as fleet-link does: keeps what happened until the centre has acknowledged it, sends all
that waits as one batch, and no second one before that. What is measured is the whole way there and
back: the acknowledgement comes once the database has committed.
"""

import random
import secrets
import selectors
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from calmloop.base.clock import Clock, monotonic_s
from calmloop.base.errors import InputError
from calmloop.contract.fleet_topics import ack_topic, up_topic
from calmloop.contract.messages.fleet import (
    MAX_BATCH,
    FleetAck,
    FleetBatch,
    FleetItem,
    FleetItemKind,
)

LOOK_S = 0.02
RESEND_S = 10.0
KEEPALIVE_S = 60
CONNECT_S = 20.0
SEED = 7
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


@dataclass(frozen=True)
class FleetAddress:
    """Where the centre's broker is, and the folder with `authority.crt` and each chair's files."""

    host: str
    port: int
    certificates: Path

    def tls(self, name: str) -> ssl.SSLContext:
        """One chair's.

        Raises:
            OSError: a file is not there, or not right.
        """
        context = ssl.create_default_context(cafile=str(self.certificates / "authority.crt"))
        pair = (self.certificates / f"{name}.crt", self.certificates / f"{name}.key")
        context.load_cert_chain(*pair)
        return context


class SimulatedChair:
    """One chair: what waits in it, and its connection."""

    def __init__(
        self, name: str, client: Client, figures: FleetFigures, clock: Clock, *, floods: bool
    ) -> None:
        self.name, self.client = name, client
        self.joined, self.refused = False, "no answer"
        self._floods, self._figures, self._clock = floods, figures, clock
        self._epoch = secrets.token_hex(8)
        self._happened: list[tuple[float, int]] = []
        self._held = 0
        self._resend_s = float("-inf")
        client.on_connect, client.on_subscribe = self._on_connect, self._on_subscribe
        client.on_message = self._on_message

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
        now_s = monotonic_s(clock)
        if not self._happened or now_s < self._resend_s:
            return
        items = [
            FleetItem(seq=n, kind=FleetItemKind.EVENT, at_ms=at_ms, what="change", data=DATA)
            for n, (_, at_ms) in enumerate(self._happened[:MAX_BATCH], self._held + 1)
        ]
        batch = FleetBatch(epoch=self._epoch, items=tuple(items))
        self.client.publish(up_topic(self.name), batch.model_dump_json(exclude_defaults=True), 1)
        self._resend_s = now_s + RESEND_S

    def _on_connect(self, client: Client, _d: Any, _f: Any, reason: Any, _p: Any) -> None:
        self.refused = str(reason)
        if not reason.is_failure:
            client.subscribe(ack_topic(self.name), 1)

    def _on_subscribe(self, *_: Any) -> None:
        self.joined = True

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
        self._held, self._resend_s = ack.up_to, float("-inf")


class SimulatedFleet:
    """Connects all chairs, then has events happen in them at random.

    Attributes:
        figures: What it came to so far.
    """

    def __init__(
        self, centre: FleetAddress, names: Sequence[str], clock: Clock, *, flood: str = ""
    ) -> None:
        """Connects each.

        Args:
            centre: Where it is.
            names: Of chairs whose certificates are in its folder.
            clock: Whose time counts.
            flood: The name of one more, which sends as much as it can.

        Raises:
            InputError: a certificate is not there, or the broker does not take it.
        """
        self.figures = FleetFigures()
        self._clock = clock
        self._random = random.Random(SEED)
        self._selector = selectors.DefaultSelector()
        self._chairs: list[SimulatedChair] = []
        self._flooding: list[SimulatedChair] = []
        for name in names:
            self._join(self._chairs, centre, name, floods=False)
        if flood:
            self._join(self._flooding, centre, flood, floods=True)

    def run(self, seconds: float, per_s: float) -> FleetFigures:
        """Has so many events a second happen in all chairs together.

        Args:
            seconds: For so long; then it waits as long again, at most, for the last of them.
            per_s: Of all chairs but the one that floods.
        """
        began_s, happened = monotonic_s(self._clock), 0
        while (since_s := monotonic_s(self._clock) - began_s) < 2 * seconds:
            if since_s > seconds and self.figures.held == self.figures.events:
                break
            due = int(min(since_s, seconds) * per_s) - happened
            happened += due
            for _ in range(due):
                self._random.choice(self._chairs).happen(self._clock)
            for chair in self._flooding:
                chair.fill(self._clock, on=since_s < seconds)
            for chair in (*self._chairs, *self._flooding):
                chair.send(self._clock)
            self._turn(LOOK_S)
        return self.figures

    def close(self) -> None:
        """Leaves."""
        for chair in (*self._chairs, *self._flooding):
            chair.client.disconnect()
        self._selector.close()

    def _turn(self, wait_s: float) -> None:
        """Reads and writes what can be."""
        for key, _ in self._selector.select(wait_s):
            _read(key.data)
            if key.data.socket() is None:
                self._selector.unregister(key.fileobj)
        for chair in (*self._chairs, *self._flooding):
            if chair.client.want_write():
                chair.client.loop_write()
            chair.client.loop_misc()

    def _join(
        self, among: list[SimulatedChair], centre: FleetAddress, name: str, *, floods: bool
    ) -> None:
        client = Client(CallbackAPIVersion.VERSION2, name, protocol=MQTTv5)
        chair = SimulatedChair(name, client, self.figures, self._clock, floods=floods)
        try:
            client.tls_set_context(centre.tls(name))
            client.connect(centre.host, centre.port, KEEPALIVE_S)
        except OSError as error:
            raise InputError(f"chair '{name}': does not reach the centre: {error}") from None
        # paho's own loop takes no descriptor above 1023.
        self._selector.register(_socket_of(client), selectors.EVENT_READ, client)
        among.append(chair)
        until_s = monotonic_s(self._clock) + CONNECT_S
        while not chair.joined:
            if monotonic_s(self._clock) > until_s or client.socket() is None:
                raise InputError(f"chair '{name}': the centre does not take it: {chair.refused}")
            self._turn(LOOK_S)


def _socket_of(client: Client) -> ssl.SSLSocket:
    """Its connection.

    Raises:
        InputError: the broker has ended it.
    """
    connection = client.socket()
    if not isinstance(connection, ssl.SSLSocket):
        raise InputError("the centre's broker has ended a connection: look at its log")
    return connection


def _read(client: Client) -> None:
    """All that has come: TLS may hold more than the socket shows."""
    client.loop_read()
    while isinstance(connection := client.socket(), ssl.SSLSocket) and connection.pending():
        client.loop_read()
