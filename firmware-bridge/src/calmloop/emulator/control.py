"""The client of the control socket that the simulated and the emulated chair share."""

import socket
from pathlib import Path
from types import TracebackType
from typing import Self

from calmloop.chair_link.errors import ChairLinkError

PATIENCE_S = 5.0


class EmulatorError(ChairLinkError):
    """A chair did not start, did not obey, is gone or was too slow; the text says which."""


class ControlClient:
    """A connection to a control socket. The lines: posix/bench.h, emulator/commands.h.

    Raises:
        OSError: nobody listens at `path` (yet).
    """

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(PATIENCE_S)
        try:
            self._socket.connect(str(path))
        except OSError:
            self._socket.close()
            raise
        self._answers = self._socket.makefile()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connection."""
        self._answers.close()
        self._socket.close()

    def answer(self, line: str) -> str:
        """What the chair answers to a line: "ok", with more behind it, or "error: ...".

        Raises:
            EmulatorError: the chair is gone, or does not answer within 5 s.
        """
        try:
            self._socket.sendall(line.encode() + b"\n")
            answer = self._answers.readline()
        except OSError as error:
            raise EmulatorError(f"{line}: {error}") from None
        if not answer.endswith("\n"):
            raise EmulatorError(f"{line}: the chair ended")
        return answer.strip()

    def command(self, line: str) -> str:
        """Carries out one line and returns what was asked for.

        Raises:
            EmulatorError: it was refused, or the chair is gone.
        """
        answer = self.answer(line)
        if not answer.startswith("ok"):
            raise EmulatorError(f"{line}: {answer}")
        return answer.removeprefix("ok").strip()
