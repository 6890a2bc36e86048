"""What the doctor asks a machine for, each part of which may be another for a try."""

import ctypes
import os
import socket
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

UNSYNCHRONISED = 5
"""TIME_ERROR of adjtimex(2): nobody corrects the clock."""
TIMEX_BYTES = 1024
"""More than `struct timex` takes anywhere. All zero it asks, and sets nothing."""
CONNECT_S = 2.0
RUN_S = 60.0


@dataclass(frozen=True)
class Ran:
    """A program that was run; its exit status is None where it is not there or hung."""

    status: int | None
    out: str
    said: str


def run(
    words: Sequence[str],
    folder: Path | None = None,
    timeout_s: float = RUN_S,
    path: str | None = None,
) -> Ran:
    """Runs a program to its end.

    Args:
        words: Its name and arguments.
        folder: Where it runs.
        timeout_s: For how long at most.
        path: Where programs are, if not PATH.
    """
    environment = os.environ | ({"PATH": path} if path is not None else {})
    try:
        done = subprocess.run(
            words,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_s,
            env=environment,
            cwd=folder,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Ran(None, "", str(error))
    return Ran(done.returncode, done.stdout.strip(), done.stderr.strip())


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


def is_synchronised() -> bool:
    """Whether the kernel's clock is corrected by something, by any program that does so."""
    state: int = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(TIMEX_BYTES))
    return state != UNSYNCHRONISED


def why_not_bound(host: str, port: int) -> OSError | None:
    """Why nobody could listen there; None: it is free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        # As Docker's own listener: a connection that was closed a while ago is in nobody's way.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(1)
        except OSError as error:
            return error
    return None


def why_not_reached(host: str, port: int) -> OSError | None:
    """Why nothing answers there within 2 s; None: it does."""
    try:
        socket.create_connection((host, port), timeout=CONNECT_S).close()
    except OSError as error:
        return error
    return None


@dataclass(frozen=True)
class Machine:
    """Where the doctor looks.

    Attributes:
        root: What `/proc`, `/sys`, `/dev`, `/etc` stand below.
        now: The time.
        synchronised: Whether the clock is corrected.
        comports: Lists the serial ports.
        run_program: Runs a program, in a folder if one is named, for so long at most.
    """

    root: Path = Path("/")
    now: Callable[[], datetime] = utc_now
    synchronised: Callable[[], bool] = is_synchronised
    comports: Callable[[], Iterable[ListPortInfo]] = list_ports.comports
    run_program: Callable[[Sequence[str], Path | None, float], Ran] = run

    def run(
        self, words: Sequence[str], folder: Path | None = None, timeout_s: float = RUN_S
    ) -> Ran:
        """Runs a program to its end."""
        return self.run_program(words, folder, timeout_s)

    def below(self, path: str) -> Path:
        """An absolute path, below the root."""
        return self.root / path.lstrip("/")

    def text(self, path: str) -> str:
        """What a file of the kernel's says; nothing where it is not there."""
        try:
            return self.below(path).read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            return ""
