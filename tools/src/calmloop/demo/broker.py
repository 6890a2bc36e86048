"""A private Mosquitto on a free loopback port."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from calmloop.base.errors import DeviceError
from calmloop.bus.transport import MAX_LARGE_PACKET_BYTES
from calmloop.demo.children import start_child, stop_child

CONFIGURATION = """\
listener {port} 127.0.0.1
allow_anonymous true
persistence false
set_tcp_nodelay true
max_queued_messages 100
max_packet_size {packet_max_bytes}
sys_interval 1
log_dest stderr
{user}
"""
START_PATIENCE_S = 10.0
BELOW_EPHEMERAL = range(20_000, 32_768)
"""Linux takes ports for connections from 32768 on."""
MAX_CLAIMS = 64
_CLAIMS: deque[socket.socket] = deque()
"""Names among Unix sockets, which end with the process that has them."""


class Broker:
    """Runs while the context is open.

    Attributes:
        port: Where it listens, on 127.0.0.1.

    Raises:
        DeviceError: mosquitto is missing or does not start.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port()
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Its process id.

        Raises:
            DeviceError: it does not run.
        """
        if self._child is None:
            raise DeviceError("the broker does not run")
        return self._child.pid

    def __enter__(self) -> "Broker":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Starts it and waits until it accepts connections."""
        self._folder.mkdir(parents=True, exist_ok=True)
        configuration = self._folder / "mosquitto.conf"
        configuration.write_text(self.configuration())
        log = self._folder / "mosquitto.log"
        self._child = start_child([_find_mosquitto(), "-c", configuration], log=log)
        deadline = time.monotonic() + START_PATIENCE_S
        while not _accepts(self.port):
            if self._child.poll() is not None or time.monotonic() > deadline:
                raise DeviceError(f"mosquitto did not start: {log.read_text()[-500:]}")

    def configuration(self) -> str:
        """What it is started with."""
        # As root Mosquitto would drop to its own user, which cannot read a private folder.
        user = "user root" if os.geteuid() == 0 else ""
        return CONFIGURATION.format(
            port=self.port, user=user, packet_max_bytes=MAX_LARGE_PACKET_BYTES
        )

    def stop(self) -> None:
        """Ends it."""
        if self._child is not None:
            stop_child(self._child)
            self._child = None

    def signal(self, number: signal.Signals) -> None:
        """Sends it a signal, such as SIGSTOP or SIGKILL."""
        os.kill(self.pid, number)


def _find_mosquitto() -> str:
    # Debian installs it where only root's PATH looks.
    folders = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    found = shutil.which("mosquitto", path=folders)
    if found is None:
        raise DeviceError("mosquitto is not installed: run `make setup`, or install the package")
    return found


def free_port() -> int:
    """A port that is free, that no connection is given as its own before it is opened.

    Nor does anyone else who asks here get it meanwhile, in whichever process: it stays claimed
    until this one ends, or has asked for 64 more.
    """
    while True:
        port = secrets.choice(BELOW_EPHEMERAL)
        claim = socket.socket(socket.AF_UNIX)
        with suppress(OSError), socket.socket() as probe:
            claim.bind(f"\0calmloop-port-{port}")
            probe.bind(("127.0.0.1", port))
            _CLAIMS.append(claim)
            if len(_CLAIMS) > MAX_CLAIMS:
                _CLAIMS.popleft().close()
            return port
        claim.close()


def _accepts(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.2):
            return True
    except OSError:
        return False
