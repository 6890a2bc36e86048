"""What scenario-selector tells of the children, handed from the bus' thread to the web's."""

import threading
from collections import OrderedDict

from calmloop.contract.messages.profiles import ProfilesState

MAX_ANSWERS = 32


class ChildFiles:
    """The codes, and the answers to what was asked."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._codes: tuple[str, ...] = ()
        self._answers: OrderedDict[str, ProfilesState] = OrderedDict()

    @property
    def codes(self) -> tuple[str, ...]:
        """Of the children that have a profile."""
        return self._codes

    def receive(self, state: ProfilesState) -> None:
        """Takes what was told; in the bus' thread."""
        with self._lock:
            self._codes = state.codes
            if state.request:
                self._answers[state.request] = state
                while len(self._answers) > MAX_ANSWERS:
                    self._answers.popitem(last=False)
            self._lock.notify_all()

    def answer_to(self, request: str, timeout_s: float) -> ProfilesState | None:
        """Waits for the answer; None where none comes in time. Blocks."""
        with self._lock:
            self._lock.wait_for(lambda: request in self._answers, timeout_s)
            return self._answers.pop(request, None)
