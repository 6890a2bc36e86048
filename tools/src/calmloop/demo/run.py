"""One demo: start everything, act as the caregiver, watch, and report."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from calmloop.base.errors import DeviceError, InputError
from calmloop.cli.outputs import make_folder
from calmloop.contract.messages.camera import CameraCondition
from calmloop.contract.messages.chair import ChairMode
from calmloop.contract.messages.session import AUTO, Phase
from calmloop.contract.topics import Account
from calmloop.demo.caregiver import DemoCaregiver
from calmloop.demo.chair import CONTROL
from calmloop.demo.observer import DemoObserver
from calmloop.demo.report import DemoReport
from calmloop.demo.source import look_at
from calmloop.demo.stack import CHAIR_ID, Stack, StackOptions
from calmloop.demo.tally import Tally

READY_S = 45.0
CAMERA_S = 10.0
"""A stream that has not come by then is not waited for; time for one that starts just now."""
PATIENCE_S = 30.0
USABLE_S = 2.0
"""A start is refused without a usable face within so long."""
MAX_SOCKET_BYTES = 107
"""Bytes that the path of a Unix socket may have (unix(7): sun_path, with its NUL)."""
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

    def __init__(self, stack: Stack, report: DemoReport) -> None:
        self.stack = stack
        self._blank = report.model_copy(deep=True)
        self.tally = Tally(report.model_copy(deep=True))
        self.observer = DemoObserver(self.tally, stack.broker.port, CHAIR_ID, stack.accounts)
        self.caregiver = DemoCaregiver(self.observer.bus, self.tally)
        self._report = report
        self._cpu_at_start_s: dict[Account, float] = {}

    def wait_until_ready(self) -> None:
        """Returns when all services are healthy, pictures come and the chair has answered.

        Raises:
            InputError: the camera does not come within its time; the text says why.
            DeviceError: something is still missing after 45 s; the text says what.
        """
        self.observer.bus.start()
        began_s = self.observer.elapsed_s()
        self.observer.wait_until(lambda: self._ready() or self._camera_gave_up(began_s), READY_S)
        if self._ready():
            return
        if self._camera_gave_up(began_s) and self.tally.camera is not None:
            raise InputError(f"--source: {self.tally.camera.reason}")
        raise DeviceError(
            f"not ready after {READY_S:g} s: {'; '.join(self._missing())};"
            f" the logs are in {self.stack.folder}"
        )

    def start_session(
        self,
        minutes: float,
        notify: Callable[[str], None] = lambda _text: None,
        scenario: str = AUTO,
    ) -> None:
        """Resets the stop that every start begins with, and starts a session once a face is seen.

        Args:
            minutes: Its length.
            notify: Called with what it waits for, whenever that changes.
            scenario: What it plays.

        Raises:
            DeviceError: the chair does not become active; the text says why.
        """
        deadline_s = self.observer.elapsed_s() + PATIENCE_S
        last_notified = ""
        while not self._active() and self.observer.elapsed_s() < deadline_s:
            self._take_next_step(minutes, scenario)
            if (missing := self._missing_face()) and missing != last_notified:
                notify(f"waiting for {missing}")
                last_notified = missing
            self.observer.wait_until(self._active, TRY_AGAIN_S)
        if not self._active():
            raise DeviceError(f"the session did not start within {PATIENCE_S:g} s: {self._why()}")

    def _why(self) -> str:
        """What keeps the session from starting, in the order in which a person can mend it."""
        if missing := self._missing_face():
            return f"it waits for {missing}; sit before the camera in good light, one face alone"
        refused = [r.reason for r in self._report.rejected[-1:]]
        blocker = self.tally.chair.arm_blocker if self.tally.chair else "no chair"
        return blocker or "; ".join(refused) or "the chair was not armed"

    def _missing_face(self) -> str:
        seen_s = self.tally.usable_face_s
        if seen_s is not None and self.observer.elapsed_s() - seen_s <= USABLE_S:
            return ""
        face = self.tally.face
        return f"a usable face ({face.reason if face and face.reason else 'no picture'})"

    def begin(self) -> None:
        """The run begins now: counts and times start from zero."""
        self._report = self._blank.model_copy(deep=True)
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

    def report(self) -> DemoReport:
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
        return not self._missing()

    def _missing(self) -> list[str]:
        """What is not ready yet, in plain words."""
        missing = self.observer.waiting_for()
        if self.tally.chair is None or not self.tally.chair.identified:
            missing.append("the chair has not answered")
        if self.tally.stop is None or self.tally.session is None:
            missing.append("stop or session are not known")
        if self.tally.face is None:
            missing.append("no picture has come")
        return missing

    def _camera_gave_up(self, began_s: float) -> bool:
        camera = self.tally.camera
        lost = camera is not None and camera.condition is CameraCondition.LOST
        return lost and self.observer.elapsed_s() - began_s > CAMERA_S

    def _take_next_step(self, minutes: float, scenario: str) -> None:
        """What a person does who reads the states: reset what is latched, start what is ready."""
        stop, chair = self.tally.stop, self.tally.chair
        if stop is not None and stop.latched and not stop.blockers:
            self.caregiver.reset()
        elif self._missing_face():
            return
        elif stop is not None and not stop.latched and chair is not None and chair.arm_ready:
            self.caregiver.start(minutes, scenario)

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
        # Absolute, since the services are told of it.
        folder = kept.resolve()
        _check_length(folder)
        make_folder(folder)
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="calmloop-") as name:
        yield Path(name)


def _check_length(folder: Path) -> None:
    length = len(os.fsencode(folder / CONTROL))
    if length > MAX_SOCKET_BYTES:
        raise InputError(
            f"{folder} is too long for the chair's socket in it, {length} bytes of"
            f" {MAX_SOCKET_BYTES}: name a shorter one"
        )


@contextmanager
def running_demo(
    options: StackOptions,
    folder: Path,
    seconds: float,
    prepare: Callable[[], None] = lambda: None,
) -> Iterator[Demo]:
    """A demo whose services are ready; the report's clock starts here.

    Args:
        options: What runs.
        folder: For what it writes.
        seconds: How long it is to be watched, for the report.
        prepare: What takes long; see Stack.

    Raises:
        InputError: the source is not there or gives no picture; then nothing was started.
    """
    report = DemoReport(source=look_at(options.source), chair=options.chair, seconds=seconds)
    with Stack(folder, options, prepare) as stack:
        demo = Demo(stack, report)
        try:
            demo.wait_until_ready()
            demo.begin()
            yield demo
        finally:
            demo.observer.bus.close()
