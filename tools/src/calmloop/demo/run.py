"""One demo: start everything, act as the caregiver, watch, and report."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from calmloop.demo.caregiver import Caregiver
from calmloop.demo.observer import Observer
from calmloop.demo.report import Report
from calmloop.demo.stack import CHAIR_ID, Stack, StackOptions
from calmloop.demo.tally import Tally
from calmloop.errors import DeviceError
from calmloop.messages.chair import ChairMode
from calmloop.messages.session import Phase
from calmloop.topics import Account

READY_S = 45.0
PATIENCE_S = 30.0
FADE_S = 8.0
TRY_AGAIN_S = 1.0
DRIVEN = frozenset({ChairMode.ARMED, ChairMode.ACTIVE, ChairMode.RAMPDOWN})


class Demo:
    """A running system with a caregiver beside it.

    Attributes:
        stack: The processes.
        tally: What was seen.
        caregiver: Sends commands.
        observer: Watches the bus.
    """

    def __init__(self, stack: Stack, report: Report) -> None:
        self.stack = stack
        self.tally = Tally(report.model_copy(deep=True))
        self.observer = Observer(self.tally, stack.broker.port, CHAIR_ID)
        self.caregiver = Caregiver(self.observer.bus, self.tally)
        self._report = report
        self._cpu_at_start_s: dict[Account, float] = {}

    def wait_until_ready(self) -> None:
        """Returns when all services are healthy and the chair has answered.

        Raises:
            DeviceError: something is still missing after 45 s; the text says what.
        """
        self.observer.bus.start()
        if not self.observer.wait_until(self._ready, READY_S):
            raise DeviceError(
                f"not ready after {READY_S:g} s: {'; '.join(self.observer.waiting_for())};"
                f" the logs are in {self.stack.folder}"
            )

    def start_session(self, minutes: float) -> None:
        """Resets the stop that every start begins with, and starts a session.

        Raises:
            DeviceError: the chair does not become active; the text says why.
        """
        deadline_s = self.observer.elapsed_s() + PATIENCE_S
        while not self._active() and self.observer.elapsed_s() < deadline_s:
            self._take_next_step(minutes)
            self.observer.wait_until(self._active, TRY_AGAIN_S)
        if not self._active():
            why = [r.reason for r in self._report.rejected[-2:]]
            blocker = self.tally.chair.arm_blocker if self.tally.chair else "no chair"
            raise DeviceError(f"the chair did not become active: {blocker or why}")

    def begin(self) -> None:
        """The run begins now: counts and times start from zero."""
        self.tally.begin(self._report)
        self.observer.begin()
        self._cpu_at_start_s = self.stack.cpu_s()

    def turn(self) -> None:
        """Watches for a moment; starts again what has ended."""
        self.observer.turn()
        self.stack.supervise()

    def watch(self, seconds: float, each_turn: Callable[[], bool] = lambda: True) -> None:
        """Watches until `seconds` after the beginning, or until `each_turn` says no."""
        while self.observer.elapsed_s() < seconds and each_turn():
            self.turn()

    def finish(self) -> None:
        """Ends the session softly and waits for the chair to be at rest."""
        self.caregiver.finish()
        self.observer.wait_until(self._at_rest, FADE_S)

    def report(self) -> Report:
        """What was seen."""
        report = self.tally.finish()
        report.restarts = {str(k): v for k, v in self.stack.restarts.items()}
        frames = max(report.frames, 1)
        for account, used_s in self.stack.cpu_s().items():
            spent_s = used_s - self._cpu_at_start_s.get(account, 0.0)
            report.cpu_ms_per_frame[account] = round(1000 * spent_s / frames, 2)
        return report

    def _ready(self) -> bool:
        self.stack.supervise()
        identified = self.tally.chair is not None and self.tally.chair.identified
        known = self.tally.stop is not None and self.tally.session is not None
        return identified and known and not self.observer.waiting_for()

    def _take_next_step(self, minutes: float) -> None:
        """What a person does who reads the states: reset what is latched, start what is ready."""
        stop, chair = self.tally.stop, self.tally.chair
        if stop is not None and stop.latched and not stop.blockers:
            self.caregiver.reset()
        elif stop is not None and not stop.latched and chair is not None and chair.arm_ready:
            self.caregiver.start(minutes)

    def _active(self) -> bool:
        return self.tally.chair is not None and self.tally.chair.mode is ChairMode.ACTIVE

    def _at_rest(self) -> bool:
        session, chair = self.tally.session, self.tally.chair
        idle = session is not None and session.phase is Phase.IDLE
        return idle and chair is not None and chair.mode not in DRIVEN


@contextmanager
def working_folder(kept: Path | None) -> Iterator[Path]:
    """A folder for logs and sockets: `kept` if it is given, else one that goes away."""
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="calmloop-") as name:
        yield Path(name)


@contextmanager
def running_demo(options: StackOptions, folder: Path, seconds: float) -> Iterator[Demo]:
    """A demo whose services are ready; the report's clock starts here."""
    report = Report(source=options.source, chair=options.chair, seconds=seconds)
    with Stack(folder, options) as stack:
        demo = Demo(stack, report)
        try:
            demo.wait_until_ready()
            demo.begin()
            yield demo
        finally:
            demo.observer.bus.close()
