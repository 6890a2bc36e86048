"""Takes commands from the web's thread and has them sent in the bus' own, stops first.

Whether something was sent is known at once; whether it was obeyed, the states show.
"""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from http import HTTPStatus

from calmloop.base.clock import Clock
from calmloop.base.errors import NotConnectedError
from calmloop.caregiver_console.actors import Actor, Role
from calmloop.caregiver_console.confirming import ConfirmedStops
from calmloop.caregiver_console.requests import (
    PRESENT,
    STOP,
    CommandRequest,
    HeldStates,
    Order,
    RequestError,
    order,
)

PUBLISHED, REFUSED = "published", "refused"
MAX_WAITING = 64
"""Commands that may wait for the bus; a stop waits for none of them."""
REMEMBERED = 512
"""Ids whose answer is kept, so that what comes by both ways is sent once."""
SAME_STOP_S = 0.02
"""A flood of stops is one stop each so long: no reset is possible within a second of one."""

REPEATED_STOP_S = 0.2
"""A stop that a page repeats after so long, under its id, was not confirmed: it goes out again."""


@dataclass(frozen=True)
class CommandAnswer:
    """What became of a command.

    Attributes:
        outcome: Published or refused.
        reason: Why it was refused, and what to do.
        status: The same for HTTP.
        confirmed: Whether it is a stop that the chair has confirmed: it need not be repeated.
    """

    outcome: str = PUBLISHED
    reason: str = ""
    status: HTTPStatus = HTTPStatus.OK
    confirmed: bool = False


@dataclass(frozen=True)
class _Asked:
    request: CommandRequest
    actor: Actor
    answer: "Future[CommandAnswer]"


class CommandDesk:
    """Where the two threads meet."""

    def __init__(
        self,
        clock: Clock,
        *,
        publish: Callable[[Order], None],
        publish_stop: Callable[[], None],
        wake: Callable[[], None],
        face_refusal: Callable[[], str],
        confirmed_stops: ConfirmedStops,
    ) -> None:
        """Makes an empty one.

        Args:
            clock: Tells how long ago the last stop was sent.
            publish: Sends an order; raises NotConnectedError while the broker is away.
            publish_stop: The same for a stop.
            wake: Ends the wait of the bus' thread; called from the web's.
            face_refusal: Why no face may be read for its emotion here; empty where one may.
            confirmed_stops: Which stops need not go out again.
        """
        self._clock = clock
        self._publish, self._publish_stop, self._wake = publish, publish_stop, wake
        self._face_refusal = face_refusal
        self._confirmed_stops = confirmed_stops
        self._lock = threading.Lock()
        self._stops: deque[_Asked] = deque()
        self._waiting: deque[_Asked] = deque()
        self._answered: OrderedDict[tuple[str, str, str], CommandAnswer] = OrderedDict()
        self._stopped_ns: int | None = None

    def submit(self, request: CommandRequest, actor: Actor) -> "Future[CommandAnswer]":
        """Takes a command; its answer comes from the bus' thread."""
        asked = _Asked(request, actor, Future())
        with self._lock:
            if request.command == STOP:
                self._stops.append(asked)
            elif len(self._waiting) < MAX_WAITING:
                self._waiting.append(asked)
            else:
                asked.answer.set_result(
                    _refused("too many commands wait; try again", HTTPStatus.SERVICE_UNAVAILABLE)
                )
        self._wake()
        return asked.answer

    def turn(self, held: HeldStates) -> list[tuple[CommandRequest, Actor, CommandAnswer]]:
        """Sends what waits, in the bus' thread; returns what was decided, for the record."""
        with self._lock:
            pending = [*self._stops, *self._waiting]
            self._stops.clear()
            self._waiting.clear()
        decided = []
        for asked in pending:
            # Whoever gave up waiting was told that it was not sent: then it is not, but for a stop.
            is_awaited = asked.answer.set_running_or_notify_cancel()
            if not is_awaited and asked.request.command != STOP:
                continue
            answer, is_new = self._answer(asked, held)
            if is_awaited:
                asked.answer.set_result(answer)
            if is_new:
                decided.append((asked.request, asked.actor, answer))
        return decided

    def discard(self) -> None:
        """Refuses what waits but stops: the process was stopped meanwhile, and people went on."""
        with self._lock:
            waiting = list(self._waiting)
            self._waiting.clear()
        late = _refused("it came too late; look, and try again", HTTPStatus.CONFLICT)
        for asked in waiting:
            if asked.answer.set_running_or_notify_cancel():
                asked.answer.set_result(late)

    def _answer(self, asked: _Asked, held: HeldStates) -> tuple[CommandAnswer, bool]:
        request = asked.request
        if request.command == STOP and self._confirmed_stops.confirms(
            request.id, request.arguments
        ):
            return CommandAnswer(confirmed=True), False
        # A name of the key, so that nobody's answer is somebody else's.
        key = (request.id, request.command, asked.actor.name)
        known = self._answered.get(key)
        if known is not None and not (request.command == STOP and self._stopped_long_ago):
            return known, False
        answer = self._decide(asked, held)
        if answer.outcome == PUBLISHED:
            self._answered[key] = answer
            if len(self._answered) > REMEMBERED:
                self._answered.popitem(last=False)
        return answer, True

    def _decide(self, asked: _Asked, held: HeldStates) -> CommandAnswer:
        request = asked.request
        try:
            if request.command == STOP:
                self._stop()
            elif request.command != PRESENT:
                self._send(order(request, held, asked.actor.name), asked.actor)
        except RequestError as error:
            return _refused(str(error), HTTPStatus.UNPROCESSABLE_ENTITY)
        except NotConnectedError as error:
            return _refused(str(error), HTTPStatus.CONFLICT)
        except PermissionError as error:
            return _refused(str(error), HTTPStatus.FORBIDDEN)
        return CommandAnswer()

    def _stop(self) -> None:
        if self._since_stop_s < SAME_STOP_S:
            return
        self._publish_stop()
        self._stopped_ns = self._clock.monotonic_ns()

    @property
    def _since_stop_s(self) -> float:
        if self._stopped_ns is None:
            return float("inf")
        return (self._clock.monotonic_ns() - self._stopped_ns) / 1e9

    @property
    def _stopped_long_ago(self) -> bool:
        return self._since_stop_s >= REPEATED_STOP_S

    def _send(self, made: Order, actor: Actor) -> None:
        if made.needs_login and not actor.commands:
            raise PermissionError(
                f"'{actor.name}' is a viewer: a caregiver has to log in for this"
                if actor.known
                else "log in first: this can raise something, or reads what was"
            )
        if made.needs_technician and actor.role is not Role.TECHNICIAN:
            raise PermissionError(f"'{actor.name}' is no technician: one has to log in for this")
        if made.reads_face and (why := self._face_refusal()):
            raise PermissionError(why)
        self._publish(made)


def _refused(reason: str, status: HTTPStatus) -> CommandAnswer:
    return CommandAnswer(REFUSED, reason, status)
