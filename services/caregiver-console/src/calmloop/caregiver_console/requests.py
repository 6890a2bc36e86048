"""From what a page asks to what goes over the bus, and whether whoever asks may ask it.

What only lowers needs nobody's name. What can raise an output carries the session's token, which
is put in here and never reaches a browser.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from calmloop.base.errors import CalmloopError
from calmloop.contract import topics
from calmloop.contract.messages.base import Command
from calmloop.contract.messages.camera import CameraSet
from calmloop.contract.messages.child import ChildAction, ChildCommand
from calmloop.contract.messages.learning import LearningAction, LearningCommand
from calmloop.contract.messages.profiles import PRIVATE, ProfileAction, ProfileCommand
from calmloop.contract.messages.safety import AlarmAck, AlarmKind, ResetCommand, StopState
from calmloop.contract.messages.session import (
    OverrideAction,
    OverrideCommand,
    SessionAction,
    SessionCommand,
    SessionState,
)
from calmloop.contract.messages.voice import VoiceSet
from calmloop.contract.topics import Topic

STOP = "stop"
PRESENT = "present"
PROFILE = "profile"
ANSWERS: Mapping[str, Mapping[str, bool]] = {
    "usual": {"upset": False},
    "upset": {"upset": True},
    "child": {"child": True},
    "other": {"child": False},
    "asleep": {"asleep": True},
    "awake": {"asleep": False},
}
"""Each question of a session has a field of its own."""
RAISING_ANSWERS = frozenset({"usual", "child"})


class CommandRequest(BaseModel):
    """One command of a page."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1, max_length=64)
    command: str = Field(
        min_length=1,
        max_length=32,
        json_schema_extra=lambda schema: schema.update(enum=[*known_commands()]),
    )
    arguments: dict[str, Any] = Field(default_factory=dict, max_length=12)

    @property
    def recorded(self) -> dict[str, Any]:
        """The arguments for the record, without text of a profile.

        What is allowed for a child goes with that child.
        """
        bounds, child = self.arguments.get("bounds"), self.arguments.get("profile")
        if not isinstance(bounds, dict) or not child:
            return self.arguments
        told = {key: value for key, value in bounds.items() if key not in PRIVATE}
        return self.arguments | {"bounds": told, "child": child}


class RequestError(CalmloopError):
    """A command that is none; the text names value, limit and next step."""


@dataclass(frozen=True)
class HeldStates:
    """What is known of the chair when a command is asked for; None: not heard lately."""

    session: SessionState | None = None
    stop: StopState | None = None

    @property
    def token(self) -> str | None:
        """The proof that somebody is present, of the newest session state."""
        return (self.session.start_token or None) if self.session else None


@dataclass(frozen=True)
class Order:
    """What goes over the bus.

    Attributes:
        topic: Where.
        message: What.
        fields: Values of the topic's placeholders.
        needs_login: Whether a caregiver has to be known by name for it.
        needs_technician: Whether that has to be a technician: what it does is for good.
        reads_face: Whether it has a face read for its emotion.
    """

    topic: Topic[Command]
    message: Command
    fields: Mapping[str, str] = field(default_factory=dict)
    needs_login: bool = False
    needs_technician: bool = False
    reads_face: bool = False


Arguments = dict[str, Any]
Maker = Callable[[Arguments, HeldStates, str], Order]


def order(request: CommandRequest, held: HeldStates, by: str) -> Order:
    """What a command is on the bus.

    Args:
        request: What a page asks.
        held: What is known now.
        by: Name of whoever asks, empty where that is not known.

    Raises:
        RequestError: it is no command, or its arguments are none of its own.
    """
    entry = _COMMANDS.get(request.command)
    if entry is None:
        raise RequestError(
            f"command '{request.command}' is unknown: known are {', '.join(sorted(_COMMANDS))}"
        )
    make, allowed = entry
    if unknown := sorted(request.arguments.keys() - allowed):
        raise RequestError(
            f"{request.command}: argument '{unknown[0]}' is unknown: known are"
            f" {', '.join(sorted(allowed)) or 'none'}"
        )
    try:
        return make(dict(request.arguments), held, by)
    except ValidationError as error:
        raise RequestError(f"{request.command}: {_told(error)}") from None


def known_commands() -> list[str]:
    """The names of all commands, those of this process too."""
    return sorted([STOP, PRESENT, *_COMMANDS])


def _told(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in fault["loc"])
    return f"{place}: {fault['msg']}" if place else fault["msg"]


def _session(action: SessionAction, *, raises: bool = False) -> Maker:
    def make(arguments: Arguments, held: HeldStates, _by: str) -> Order:
        command = SessionCommand(action=action, token=held.token if raises else None, **arguments)
        return Order(topics.SESSION_SET, command, needs_login=raises or command.rating is not None)

    return make


def _start(arguments: Arguments, held: HeldStates, _by: str) -> Order:
    noticed = arguments.pop("notice", False)
    command = SessionCommand(action=SessionAction.START, token=held.token, **arguments)
    adaptive = command.mode.value == "adaptive"
    if adaptive and noticed is not True:
        raise RequestError(
            "start: notice: in adaptive mode it must be true: show the notice that emotions are"
            " recognised from the face (EU AI Act, article 50), or take mode 'manual'"
        )
    return Order(topics.SESSION_SET, command, needs_login=True, reads_face=adaptive)


def _answer(arguments: Arguments, held: HeldStates, _by: str) -> Order:
    answer = arguments.get("answer")
    fields = ANSWERS.get(answer) if isinstance(answer, str) else None
    if fields is None:
        raise RequestError(f"answer: answer: must be one of {', '.join(ANSWERS)}")
    raises = answer in RAISING_ANSWERS
    token = held.token if raises else None
    command = SessionCommand(action=SessionAction.ANSWER, token=token, **fields)
    return Order(topics.SESSION_SET, command, needs_login=raises)


def _override(action: OverrideAction, *, raises: bool = False) -> Maker:
    def make(arguments: Arguments, held: HeldStates, _by: str) -> Order:
        command = OverrideCommand(action=action, token=held.token if raises else None, **arguments)
        return Order(topics.OVERRIDE_SET, command, needs_login=raises)

    return make


def _ceiling(arguments: Arguments, held: HeldStates, _by: str) -> Order:
    without = OverrideCommand(action=OverrideAction.CEILING, **arguments)
    present_pct = held.session.ceiling_pct if held.session else 0.0
    raises = (without.ceiling_pct or 0.0) > present_pct
    token = held.token if raises else None
    command = without.model_copy(update={"token": token})
    return Order(topics.OVERRIDE_SET, command, needs_login=raises)


def _acknowledge(arguments: Arguments, _held: HeldStates, by: str) -> Order:
    try:
        kind = AlarmKind(str(arguments.get("kind")))
    except ValueError:
        raise RequestError(f"acknowledge: kind: must be one of {', '.join(AlarmKind)}") from None
    return Order(topics.ALARM_ACK, AlarmAck(by=by), {"kind": kind.value}, needs_login=True)


def _reset(_arguments: Arguments, held: HeldStates, _by: str) -> Order:
    token = held.stop.reset_token if held.stop else ""
    if not token:
        raise RequestError("reset: no stop is known to be latched: nothing to reset")
    return Order(topics.STOP_RESET, ResetCommand(token=token), needs_login=True)


def _learning(action: LearningAction) -> Maker:
    def make(arguments: Arguments, _held: HeldStates, _by: str) -> Order:
        command = LearningCommand(action=action, **arguments)
        return Order(topics.LEARNING_SET, command, needs_login=True)

    return make


def _profile(arguments: Arguments, held: HeldStates, _by: str) -> Order:
    erases = arguments.get("action") == ProfileAction.ERASE
    command = ProfileCommand(**arguments, token=held.token if erases else None)
    return Order(topics.PROFILE_SET, command, needs_login=True, needs_technician=erases)


def _child(action: ChildAction) -> Maker:
    def make(arguments: Arguments, held: HeldStates, _by: str) -> Order:
        allowed = held.session.child_token if held.session else ""
        if action is not ChildAction.LESS and not allowed:
            raise RequestError(
                f"child-{action}: a caregiver has not allowed the child's page in this session"
            )
        token = None if action is ChildAction.LESS else allowed
        return Order(topics.CHILD_SET, ChildCommand(action=action, token=token, **arguments))

    return make


def _camera(arguments: Arguments, _held: HeldStates, _by: str) -> Order:
    command = CameraSet.model_validate(arguments)
    on = command.enabled
    return Order(topics.CAMERA_SET, command, needs_login=on, reads_face=on)


def _voice(arguments: Arguments, _held: HeldStates, _by: str) -> Order:
    command = VoiceSet.model_validate(arguments)
    return Order(topics.VOICE_SET, command, needs_login=command.enabled)


_NONE: frozenset[str] = frozenset()
_SESSION, _OVERRIDE = SessionAction, OverrideAction
_OF_CHILD = frozenset({"profile", "scenario"})
_COMMANDS: Mapping[str, tuple[Maker, frozenset[str]]] = {
    "start": (_start, frozenset({"profile", "scenario", "minutes", "mode", "notice"})),
    "pause": (_session(_SESSION.PAUSE), _NONE),
    "resume": (_session(_SESSION.RESUME, raises=True), _NONE),
    "finish": (_session(_SESSION.FINISH), frozenset({"rating"})),
    "dismiss": (_session(_SESSION.DISMISS, raises=True), frozenset({"signal"})),
    "allow-child": (_session(_SESSION.ALLOW_CHILD, raises=True), _NONE),
    "forbid-child": (_session(_SESSION.FORBID_CHILD), _NONE),
    "answer": (_answer, frozenset({"answer"})),
    "less": (_override(_OVERRIDE.LESS), _NONE),
    "more": (_override(_OVERRIDE.MORE, raises=True), _NONE),
    "hold": (_override(_OVERRIDE.HOLD), _NONE),
    "skip": (_override(_OVERRIDE.SKIP, raises=True), _NONE),
    "release": (_override(_OVERRIDE.RELEASE, raises=True), _NONE),
    "scenario": (_override(_OVERRIDE.SCENARIO, raises=True), frozenset({"scenario"})),
    "channels": (_override(_OVERRIDE.CHANNELS_OFF), frozenset({"channels"})),
    "ceiling": (_ceiling, frozenset({"ceiling_pct"})),
    "acknowledge": (_acknowledge, frozenset({"kind"})),
    "reset": (_reset, _NONE),
    "arm": (_reset, _NONE),
    "camera": (_camera, frozenset({"enabled"})),
    "voice": (_voice, frozenset({"enabled"})),
    PROFILE: (_profile, frozenset({"action", "profile", "bounds", "request"})),
    "child-less": (_child(ChildAction.LESS), _NONE),
    "child-more": (_child(ChildAction.MORE), _NONE),
    "child-choose": (_child(ChildAction.CHOOSE), frozenset({"scenario"})),
    "learned": (_learning(LearningAction.SHOW), frozenset({"profile"})),
    "rate": (_learning(LearningAction.RATE), frozenset({"profile", "rating"})),
    "void-halt": (_learning(LearningAction.VOID), frozenset({"profile"})),
    "forget": (_learning(LearningAction.FORGET), frozenset({"profile"})),
    "pin": (_learning(LearningAction.PIN), _OF_CHILD),
    "unpin": (_learning(LearningAction.UNPIN), frozenset({"profile"})),
    "exclude": (_learning(LearningAction.EXCLUDE), _OF_CHILD),
    "allow": (_learning(LearningAction.ALLOW), _OF_CHILD),
}
"""By name: what makes its order, and its arguments."""
