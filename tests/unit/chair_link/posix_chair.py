"""The real posix chair as a process, its hands on a control socket, its outputs in a trace."""

import signal
import subprocess
import time
from functools import cache
from pathlib import Path
from types import TracebackType

from calmloop.demo import trace
from calmloop.demo.children import DIE_WITH_PARENT
from calmloop.emulator.build import make
from calmloop.emulator.control import ControlClient

FIRMWARE = Path(__file__).parents[3] / "firmware-bridge" / "firmware"
START_PATIENCE_S = 5.0


@cache
def binary() -> Path:
    """The simulated chair, built if it is stale."""
    make(FIRMWARE, "posix")
    return FIRMWARE / "build" / "calmloop-chair"


class PosixChair:
    """A chair on a pty, or with `tcp` on a port of its own choice.

    Attributes:
        address: What to give to `SerialPort`.
    """

    def __init__(self, folder: Path, *options: str, tcp: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._trace, self._control = folder / "trace", folder / "control"
        self._pty = folder / "tty"
        line = ["--tcp", "127.0.0.1:0"] if tcp else ["--pty", str(self._pty)]
        files = ["--trace", self._trace, "--control", self._control, "--store", folder / "store"]
        command = [*DIE_WITH_PARENT, str(binary()), *line, *map(str, files), *options]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.address = self._tcp_address() if tcp else self._pty_address()

    def _tcp_address(self) -> str:
        assert self._process.stdout is not None
        return f"socket://127.0.0.1:{self._process.stdout.readline().split()[-1]}"

    def _pty_address(self) -> str:
        deadline = time.monotonic() + START_PATIENCE_S
        while not self._pty.exists():
            assert self._process.poll() is None, "the chair ended at once"
            assert time.monotonic() < deadline, "the chair made no pty"
            time.sleep(0.005)
        return str(self._pty)

    def __enter__(self) -> "PosixChair":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def end(self) -> int:
        """Ends it with SIGTERM; returns the exit code."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
        code = self._process.wait(5)
        if self._process.stdout is not None:
            self._process.stdout.close()
        return code

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to the process."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """kill -9: the cable is out and the chair gone."""
        self._process.kill()
        self._process.wait(5)

    def hands(self, *commands: str) -> list[str]:
        """Does what a person would do to the chair; returns the answers."""
        with ControlClient(self._control) as client:
            return [client.answer(command) for command in commands]

    @property
    def outputs(self) -> list[trace.Output]:
        """Every change of the outputs so far, oldest first."""
        return trace.outputs(self._trace.read_text())

    def wait_for(self, state: str, within_s: float) -> trace.Output:
        """The last output, once it is in `state`."""
        deadline = time.monotonic() + within_s
        while not (outputs := self.outputs) or outputs[-1].state != state:
            assert time.monotonic() < deadline, f"not {state} but {outputs[-1:]}"
            time.sleep(0.01)
        return outputs[-1]

    def silent_after_s(self, since_ns: int) -> float:
        """Seconds from `since_ns` to the moment from which vibration and sound are zero."""
        outputs = self.outputs
        assert not outputs[-1].felt, "vibration or sound is on"
        felt_later = [i for i, output in enumerate(outputs) if output.felt]
        if not felt_later:
            return 0.0
        return max(0.0, (outputs[felt_later[-1] + 1].at_ns - since_ns) / 1e9)
