"""The cable between chair and centre, which a test pulls."""

import socket
import threading
from contextlib import suppress

from tests.broker import free_port

CHUNK = 65_536


class Cable:
    """Listens on a port and passes on to another, while it is plugged in."""

    def __init__(self, to_port: int) -> None:
        self.port = free_port()
        self._to_port = to_port
        self._plugged = True
        self._open: list[socket.socket] = []
        self._server = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def pull(self) -> None:
        """Cuts what is under way, and lets nothing new through."""
        self._plugged = False
        for end in self._open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._open.clear()

    def plug(self) -> None:
        """Lets connections through again."""
        self._plugged = True

    def close(self) -> None:
        """Ends it."""
        self.pull()
        self._server.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._server.accept()
                if not self._plugged:
                    near.close()
                    continue
                self._connect(near)

    def _connect(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self._to_port))
        except OSError:
            near.close()
            return
        self._open += [near, far]
        for source, to in ((near, far), (far, near)):
            threading.Thread(target=_pass_on, args=(source, to), daemon=True).start()


def _pass_on(source: socket.socket, to: socket.socket) -> None:
    with suppress(OSError):
        while some := source.recv(CHUNK):
            to.sendall(some)
    for end in (source, to):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
