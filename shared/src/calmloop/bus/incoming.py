"""From what came over the wire to a valid message, or to the reason why it is none."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from calmloop.base.errors import PayloadError
from calmloop.base.freshness import Ages, Received
from calmloop.bus.inbox import Pending
from calmloop.bus.transport import RawMessage
from calmloop.contract.messages.base import Command, Part
from calmloop.contract.topics import AnyTopic, TopicKind

MAX_JSON_BYTES = 65536
BINARY = (TopicKind.IMAGE, TopicKind.STOP)
"""Kinds whose payload is no JSON."""
AnyReceived = Received[Part | Command]


@dataclass(frozen=True)
class Subscriber:
    """Who handles the messages of a topic, and how."""

    handler: Callable[[Any], None]
    latest_only: bool
    may_wait_s: float


def decode(chair_id: str, pending: Pending) -> AnyReceived:
    """The message in what came.

    Raises:
        PayloadError: it is not what its topic promises; the text says why.
    """
    topic, raw = pending.topic, pending.raw
    if raw.retain and topic.kind not in (TopicKind.STATE, TopicKind.STOP):
        # The broker would hand it out again to everyone who connects, as if it were new.
        what = "a command" if topic.kind is TopicKind.COMMAND else "what streams"
        raise PayloadError(f"it is retained: {what} must not be; clear it and send it again")
    body = raw.header if topic.kind is TopicKind.IMAGE else raw.payload
    if body is None:
        raise PayloadError("it has no 'header' user property: add the JSON of the header")
    fields = topic.fields(chair_id, raw.name) if topic.placeholders else {}
    binary = raw.payload if topic.kind in BINARY else b""
    message = Command() if topic.kind is TopicKind.STOP else _parse(topic.model, body)
    return Received(message, pending.received_ns, binary, raw.retain, raw.name, fields)


def is_stale(ages: Ages, topic: AnyTopic, received: AnyReceived) -> bool:
    """Whether it is older than its topic allows. A state may be: it says how things were left."""
    limited = topic.kind is not TopicKind.STATE and topic.max_age_s is not None
    return limited and ages.age_s(received) > (topic.max_age_s or 0.0)


def oversize(topic: AnyTopic, raw: RawMessage) -> str:
    """Why a payload is not even kept, in plain words; empty when it may be."""
    is_json = topic.kind not in BINARY
    return _too_long(raw.payload) if is_json and len(raw.payload) > MAX_JSON_BYTES else ""


def _too_long(body: bytes) -> str:
    return f"it has {len(body)} bytes: at most {MAX_JSON_BYTES} are read"


def _parse(model: type[Part | Command], body: bytes) -> Part | Command:
    if len(body) > MAX_JSON_BYTES:
        raise PayloadError(_too_long(body))
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in fault["loc"]) or "body"
        raise PayloadError(f"{place}: {fault['msg']}") from None
