"""Reads a recording and says what of it may be published again, and when.

A recording never starts a chair: whatever can raise an output is left out, tokens or not, and
what the chair itself listens to is left out as well.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from calmloop.base.clock import Clock, host_boot_id
from calmloop.base.whole_files import explained
from calmloop.bus.transport import RawMessage
from calmloop.contract import topics
from calmloop.contract.messages.base import SignalKind
from calmloop.contract.messages.child import ChildAction
from calmloop.contract.messages.session import OverrideAction, SessionAction
from calmloop.contract.topics import AnyTopic, TopicKind
from calmloop.recording.lines import Line, RecordingError, RecordingFileError, RecordingHead

FOR_THE_CHAIR: tuple[AnyTopic, ...] = (
    topics.STIMULUS_SETPOINT,
    topics.CHAIR_ARM,
    topics.LEASE,
)
"""Never published again: they arm and drive a chair."""
MAX_HEAD_BYTES = 65_536
HARMLESS_ACTIONS: dict[AnyTopic, frozenset[str]] = {
    topics.SESSION_SET: frozenset(
        {SessionAction.PAUSE, SessionAction.FINISH, SessionAction.FORBID_CHILD}
    ),
    topics.OVERRIDE_SET: frozenset(
        {OverrideAction.LESS, OverrideAction.HOLD, OverrideAction.CHANNELS_OFF}
    ),
    topics.CHILD_SET: frozenset({ChildAction.LESS}),
}
"""The only commands that are published again, if any are; and a stop."""


def read(path: Path) -> tuple[RecordingHead, Iterator[Line]]:
    """The head of a recording, and its lines as they are asked for.

    Raises:
        RecordingError: it cannot be read, or a line is not what it should be.
    """
    try:
        with path.open("rb") as file:
            head = RecordingHead.model_validate_json(file.readline(MAX_HEAD_BYTES))
    except OSError as error:
        raise RecordingFileError(explained(error, str(path), "read")) from error
    except ValidationError:
        raise RecordingFileError(f"{path} is no recording: `calmloop record` makes them") from None
    return head, _lines(path)


def _lines(path: Path) -> Iterator[Line]:
    with path.open("rb") as file:
        next(file)
        for number, text in enumerate(file, start=2):
            try:
                yield Line.model_validate_json(text)
            except ValidationError:
                raise RecordingError(
                    f"{path}, line {number}: is not a message: what comes before it was replayed;"
                    " remove it and what follows to replay the rest without this"
                ) from None


@dataclass(frozen=True)
class Due:
    """A message and when to send it, in seconds after the start."""

    at_s: float
    topic: AnyTopic
    line: Line


class RecordingPlayer:
    """Chooses what of a recording is published again, and makes it new.

    Attributes:
        left_out: How many messages were not, by reason.
    """

    def __init__(
        self,
        chair_id: str,
        clock: Clock,
        *,
        speed: float = 1.0,
        with_commands: bool = False,
        only: Collection[str] = (),
    ) -> None:
        self.left_out: Counter[str] = Counter()
        self._chair_id = chair_id
        self._clock = clock
        self._speed = speed
        self._with_commands = with_commands
        self._only = only
        self._host_boot_id = host_boot_id()

    def plan(self, lines: Iterable[Line]) -> Iterator[Due]:
        """What is to be sent, in order; times count from the recording's beginning."""
        for line in lines:
            topic = topics.find(self._chair_id, self._name(line))
            reason = self._objection(topic, line)
            if topic is None or reason:
                self.left_out[reason] += 1
            else:
                yield Due(line.t_s / self._speed, topic, line)

    def message(self, due: Due) -> RawMessage:
        """The message as it goes out now: with fresh stamps, and never retained."""
        body = _encoded(due.topic, self._restamped(due.line.body or {}))
        image = due.topic.kind is TopicKind.IMAGE
        return RawMessage(
            self._name(due.line),
            due.line.picture or b"" if image else body,
            qos=due.topic.qos,
            expiry_s=due.topic.expiry_s,
            header=body if image else None,
            image=image,
        )

    def _name(self, line: Line) -> str:
        return f"{topics.ROOT}/{self._chair_id}/{line.topic}"

    def _objection(self, topic: AnyTopic | None, line: Line) -> str:
        if topic is None:
            return "unknown topic"
        if self._only and topic.path not in self._only:
            return "not asked for"
        if topic in FOR_THE_CHAIR:
            return "could start a chair"
        if topic.kind in (TopicKind.COMMAND, TopicKind.STOP):
            return self._objection_to_command(topic, line)
        return "" if line.body is not None else "malformed when it was recorded"

    def _objection_to_command(self, topic: AnyTopic, line: Line) -> str:
        if not self._with_commands:
            return "command"
        if topic.kind is TopicKind.STOP:
            return ""
        action = (line.body or {}).get("action")
        return "" if action in HARMLESS_ACTIONS.get(topic, ()) else "needs a person"

    def _restamped(self, body: dict[str, Any]) -> dict[str, Any]:
        """As if its sender were here and had sent it now: receivers judge age by these."""
        if "at_ns" not in body:
            return body
        now_ns = self._clock.monotonic_ns()
        shift_ns = now_ns - body["at_ns"]
        stamps = {"at_ns": now_ns, "host_boot_id": self._host_boot_id}
        if "captured_ns" in body:
            stamps["captured_ns"] = max(0, body["captured_ns"] + shift_ns)
        if "captured_on" in body:
            stamps["captured_on"] = self._host_boot_id
        return body | stamps


def _encoded(topic: AnyTopic, body: dict[str, Any]) -> bytes:
    """The JSON of a body, checked by its topic's model, no signal live; empty for a stop."""
    if topic.kind is TopicKind.STOP:
        return b""
    message = topic.model.model_validate(body)
    recorded = {name: SignalKind.RECORDED for name, kind in message if isinstance(kind, SignalKind)}
    return message.model_copy(update=recorded).model_dump_json(exclude_none=True).encode()
