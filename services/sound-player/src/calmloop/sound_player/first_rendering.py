"""Has the soundscapes that ship rendered where they are missing, in a process of its own.

It takes minutes of a processor once, so that process takes only what nobody else wants. One that
was killed goes on where it was; one that cannot go on is tried again, less and less often.
"""

import subprocess
import sys
import threading
from pathlib import Path

import structlog

MIN_RETRY_S = 10.0
MAX_RETRY_S = 600.0
ENDS_S = 1.0
PROGRAM = (sys.executable, "-m", "calmloop.soundscapes")
"""What renders; the folder follows as its last argument."""


class FirstRendering:
    """`start` does it in a thread; `told` says how far it is, for people."""

    def __init__(self, folder: Path, log: structlog.typing.FilteringBoundLogger) -> None:
        """Has rendered nothing; takes the folder for them, and the service's log."""
        self._command = [*PROGRAM, str(folder)]
        self._log = log
        self._told = ""
        self._child: subprocess.Popen[str] | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="first-rendering", daemon=True)

    @property
    def told(self) -> str:
        """What is being rendered, or why it is not; empty when all are there."""
        return self._told

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the process; what it was at is rendered at the next start."""
        self._stopping.set()
        if (child := self._child) is not None:
            child.kill()
        if self._thread.is_alive():
            self._thread.join(ENDS_S)

    def _run(self) -> None:
        retry_s = MIN_RETRY_S
        while not self._stopping.is_set():
            fault = self._rendered()
            if not fault:
                self._told = ""
                return
            if self._stopping.is_set():
                return
            self._told = f"the soundscapes cannot be rendered: {fault}"
            self._log.warning("soundscapes", reason=fault, again_in_s=retry_s)
            self._stopping.wait(retry_s)
            retry_s = min(2 * retry_s, MAX_RETRY_S)

    def _rendered(self) -> str:
        """Renders until all are there; returns why not, or nothing."""
        try:
            self._child = child = subprocess.Popen(
                self._command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
        except OSError as error:
            return str(error)
        with child:
            if self._stopping.is_set():
                child.kill()
            assert child.stdout is not None
            for line in child.stdout:
                self._hear(line.split())
            assert child.stderr is not None
            fault = child.stderr.read().strip()
        return "" if child.returncode == 0 else fault[-200:] or f"ended by {child.returncode}"

    def _hear(self, words: list[str]) -> None:
        there, total = words
        told = f"the soundscapes are being rendered, once: {there} of {total} are there"
        if told != self._told:
            self._told = told
            self._log.info("soundscapes", there=int(there), total=int(total))
