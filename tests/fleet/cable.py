"""The cable between chairs and centre, which a test pulls."""

import itertools
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress

from tests.broker import free_port

CHUNK = 65_536
WAITING = 1000
"""Connections that have not been looked at yet: a fleet comes back at once."""


class Cable:
    """Listens on a port and passes on, while it is plugged in, to one that answers."""

    def __init__(self, to_ports: Sequence[int]) -> None:
        self.port = free_port()
        self._to_ports = to_ports
        self._turns = itertools.count()
        self._plugged = True
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._server = socket.create_server(("127.0.0.1", self.port), backlog=WAITING)
        threading.Thread(target=self._accept, daemon=True).start()

    def pull(self) -> None:
        """Cuts what is under way, and lets nothing new through."""
        with self._lock:
            self._plugged = False
            for end in self._open:
                _cut(end)

    def plug(self) -> None:
        """Lets connections through again."""
        with self._lock:
            self._plugged = True

    def close(self) -> None:
        """Ends it."""
        self.pull()
        self._server.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._server.accept()
                self._connect(near)

    def _connect(self, near: socket.socket) -> None:
        far = self._reach()
        with self._lock:
            if far is None or not self._plugged:
                near.close()
                if far is not None:
                    far.close()
                return
            self._open |= {near, far}
        for source, to in ((near, far), (far, near)):
            threading.Thread(target=self._pass_on, args=(source, to), daemon=True).start()

    def _reach(self) -> socket.socket | None:
        """The next port that answers, each in its turn."""
        first = next(self._turns)
        for number in range(len(self._to_ports)):
            to = self._to_ports[(first + number) % len(self._to_ports)]
            with suppress(OSError):
                return socket.create_connection(("127.0.0.1", to))
        return None

    def _pass_on(self, source: socket.socket, to: socket.socket) -> None:
        with suppress(OSError):
            while some := source.recv(CHUNK):
                to.sendall(some)
        _cut(to)
        _cut(source)
        with self._lock:
            # Its own end alone: the other thread may still read its own.
            self._open.discard(source)
            source.close()


class ManyCables:
    """The same in a process of its own: two threads for each of 1,000 chairs slow others down.

    Attributes:
        port: Where it listens.
    """

    def __init__(self, to_ports: Sequence[int]) -> None:
        command = [sys.executable, "-m", __name__, *map(str, to_ports)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.port = int(self._heard())

    def __enter__(self) -> "ManyCables":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def pull(self) -> None:
        """As of one."""
        self._ask("pull")

    def plug(self) -> None:
        """As of one."""
        self._ask("plug")

    def _ask(self, what: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()
        assert self._heard() == what

    def _heard(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()


def _serve(to_ports: Sequence[int]) -> None:
    """Does what it reads, until there is nothing more."""
    cable = Cable(to_ports)
    print(cable.port, flush=True)
    for line in sys.stdin:
        what = line.strip()
        {"pull": cable.pull, "plug": cable.plug}[what]()
        print(what, flush=True)


def _cut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


if __name__ == "__main__":
    _serve([int(port) for port in sys.argv[1:]])
