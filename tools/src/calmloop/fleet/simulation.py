"""So many chairs on real connections, each with its own certificate, from one thread.

What is measured is the whole way there and back: the acknowledgement comes once the database has
committed.
"""

import itertools
import random
import selectors
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from calmloop.base.clock import Clock, monotonic_s
from calmloop.base.errors import InputError
from calmloop.fleet.chair import FleetFigures, SimulatedChair

LOOK_S = 0.02
KEEPALIVE_S = 60
CONNECT_S = 20.0
MAX_UNSENT = 4
"""In memory, as in the link."""
COME_BACK = 5
"""Chairs that connect again in one turn: each handshake keeps the others waiting."""
MISC_TURNS = 25
"""What keeps a connection alive is looked at in every so-manyth turn."""
SEED = 7


@dataclass(frozen=True)
class FleetAddress:
    """Where the centre's broker is, and the folder with `authority.crt` and each chair's files.

    Attributes:
        ports: Of each node; chairs take them in turn.
    """

    host: str
    ports: Sequence[int]
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
        self._centre, self._ports = centre, itertools.cycle(centre.ports)
        self._selector, self._turns = selectors.DefaultSelector(), 0
        self._chairs: list[SimulatedChair] = []
        self._flooding: list[SimulatedChair] = []
        for name in names:
            self._join(self._chairs, name, floods=False)
        if flood:
            self._join(self._flooding, flood, floods=True)

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
            for chair in self._all:
                chair.send(self._clock)
            self._turn(LOOK_S)
        return self.figures

    def close(self) -> None:
        """Leaves."""
        for chair in self._all:
            chair.client.disconnect()
        self._selector.close()

    @property
    def _all(self) -> tuple[SimulatedChair, ...]:
        return (*self._chairs, *self._flooding)

    def _turn(self, wait_s: float) -> None:
        """Reads and writes what can be; who has lost its connection comes back when it is due."""
        for key, _ in self._selector.select(wait_s):
            _read(key.data)
        self._turns = (self._turns + 1) % MISC_TURNS
        for number, chair in enumerate(self._all):
            self._write(chair, looks=number % MISC_TURNS == self._turns)
        # Only now: a new connection has the number of one that was closed.
        now_s = monotonic_s(self._clock)
        away = [c for c in self._all if c.connection is None and c.retry_s <= now_s]
        for chair in away[:COME_BACK]:
            self._come_back(chair)

    def _write(self, chair: SimulatedChair, *, looks: bool) -> None:
        """Writes what waits; `looks` at what keeps the connection alive, too."""
        client = chair.client
        if client.want_write():
            client.loop_write()
        if looks:
            client.loop_misc()
        if chair.connection is not None and client.socket() is not chair.connection:
            self._selector.unregister(chair.connection)
            chair.lost()

    def _come_back(self, chair: SimulatedChair) -> None:
        try:
            self._connect(chair)
        except (OSError, InputError):
            chair.lost()

    def _connect(self, chair: SimulatedChair) -> None:
        """To the next node. Raises OSError, InputError."""
        chair.client.connect(self._centre.host, next(self._ports), KEEPALIVE_S)
        # paho's own loop takes no descriptor above 1023.
        connection = _socket_of(chair.client)
        self._selector.register(connection, selectors.EVENT_READ, chair.client)
        chair.connection = connection

    def _join(self, among: list[SimulatedChair], name: str, *, floods: bool) -> None:
        client = Client(CallbackAPIVersion.VERSION2, name, protocol=MQTTv5)
        chair = SimulatedChair(name, client, self.figures, self._clock, floods=floods)
        client.max_queued_messages_set(MAX_UNSENT)
        try:
            client.tls_set_context(self._centre.tls(name))
            self._connect(chair)
        except OSError as error:
            raise InputError(f"chair '{name}': does not reach the centre: {error}") from None
        among.append(chair)
        until_s = monotonic_s(self._clock) + CONNECT_S
        while not chair.joined:
            if monotonic_s(self._clock) > until_s or chair.connection is None:
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
