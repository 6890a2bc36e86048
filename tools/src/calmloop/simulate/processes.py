"""Several processes of this machine that do the sessions, and end with this one, however it ends.

Each has a pipe of its own and nothing in common with another: no queue, no lock, no thread that
feeds them. So none of what they share can be left locked or half read when a person ends a study.
"""

import os
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import connection, forkserver, get_context, parent_process
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from signal import SIG_IGN, SIGINT, getsignal, signal
from threading import Thread, current_thread, main_thread
from types import FrameType
from typing import Any, TypeVar

from calmloop.base.errors import CalmloopError

Task = TypeVar("Task")
Result = TypeVar("Result")


class WorkerLostError(CalmloopError):
    """A process that did sessions has ended before them."""


class Processes:
    """Does it in several processes of this machine.

    Raises:
        WorkerLostError: one of them was ended from outside.
    """

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._crew: list[_Worker] = []
        with _interrupts_ignored():
            # They ignore Ctrl-C as the server does that forks them: this process ends them.
            forkserver.ensure_running()

    def run(self, function: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[Result]:
        """See Workers."""
        with _interrupts_noted() as heed:
            while len(self._crew) < min(self._jobs, len(tasks)):
                self._crew.append(_Worker())
                heed()
        left = iter(enumerate(tasks))
        free, busy = list(self._crew), dict[Any, _Worker]()
        done: dict[int, tuple[Any, Exception | None]] = {}
        is_over = False
        try:
            for number in range(len(tasks)):
                while number not in done:
                    for worker, (its_number, task) in zip(list(free), left, strict=False):
                        worker.begin(function, its_number, task)
                        busy[worker.pipe] = worker
                        free.remove(worker)
                    for pipe in connection.wait(list(busy)):
                        worker = busy.pop(pipe)
                        done[worker.number] = worker.outcome()
                        free.append(worker)
                result, error = done.pop(number)
                if error is not None:
                    raise error
                yield result
            is_over = True
        finally:
            if not is_over:
                # Nobody takes what they are doing now.
                self.close()

    def close(self) -> None:
        """See Workers; what they still do is lost."""
        with _interrupts_ignored():
            while self._crew:
                self._crew.pop().end()


class _Worker:
    """One of the processes, as this one sees it.

    Attributes:
        pipe: On which its results come.
        number: Of its task.
    """

    def __init__(self) -> None:
        self.pipe, its_pipe = connection.Pipe()
        self.number = -1
        # A progress bar has a thread, beside which a plain fork is not safe.
        context = get_context("forkserver")
        self._process: ForkServerProcess = context.Process(
            target=_work, args=(its_pipe,), daemon=True
        )
        self._process.start()
        its_pipe.close()

    def begin(self, function: Callable[[Any], Any], number: int, task: Any) -> None:
        """Gives it a task."""
        self.number = number
        try:
            self.pipe.send((function, task))
        except OSError:
            raise self._lost() from None

    def outcome(self) -> Any:
        """Its task's result, or the error that it raised, once there is something on its pipe.

        Raises:
            WorkerLostError: it has ended instead.
        """
        try:
            return self.pipe.recv()
        except (EOFError, OSError):
            raise self._lost() from None

    def end(self) -> None:
        """Ends it at once."""
        self._process.terminate()
        self._process.join()
        self.pipe.close()

    def _lost(self) -> WorkerLostError:
        self._process.join()
        return WorkerLostError(
            f"a process that did sessions has ended with {self._process.exitcode}: if memory is"
            " short, name fewer --jobs"
        )


def _work(pipe: Connection) -> None:
    """In a worker: does what it is given, until nobody is there to give it anything."""
    parent = parent_process()
    if parent is not None:
        Thread(target=_wait_for_end, args=(parent.sentinel,), daemon=True).start()
    while True:
        try:
            function, task = pipe.recv()
        except EOFError:
            return
        pipe.send(_done(function, task))


def _done(function: Callable[[Task], Result], task: Task) -> tuple[Result | None, Exception | None]:
    try:
        return function(task), None
    except Exception as error:  # noqa: BLE001 - it is raised again where the result is taken
        error.add_note(f"in a process of its own:\n{traceback.format_exc()}")
        return None, error


def _wait_for_end(sentinel: int) -> None:
    """A task must not outlive the process that asks."""
    connection.wait([sentinel])
    os._exit(1)


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    if current_thread() is not main_thread():
        yield
        return
    before = signal(SIGINT, SIG_IGN)
    try:
        yield
    finally:
        signal(SIGINT, before)


@contextmanager
def _interrupts_noted() -> Iterator[Callable[[], None]]:
    """Has Ctrl-C wait until it is heeded, at the end at the latest.

    A process that is started meanwhile is one that `close` knows.
    """
    before = getsignal(SIGINT)
    if current_thread() is not main_thread() or not callable(before):
        yield lambda: None
        return
    noted: list[FrameType | None] = []

    def heed() -> None:
        if noted:
            before(SIGINT, noted.pop())

    signal(SIGINT, lambda _number, frame: noted.append(frame))
    try:
        yield heed
    finally:
        signal(SIGINT, before)
    heed()
