"""From a message to what goes over the wire: its envelope, its encoding, and refusals."""

from collections import Counter
from typing import TypeVar

from calmloop.base.clock import Clock
from calmloop.bus.transport import RawMessage
from calmloop.contract.messages.base import Command, Part, ServiceMessage
from calmloop.contract.messages.service import RejectedMessage
from calmloop.contract.topics import AnyTopic, TopicKind

MAX_REJECTIONS_PER_S = 10
HEAD_BYTES = 64
NS_PER_S = 1_000_000_000
Sent = TypeVar("Sent", bound=Part | Command)


class Envelope:
    """Fills in who sends, in which order and when, on all that one participant sends."""

    def __init__(self, source: str, clock: Clock, boot_id: str) -> None:
        self._source = source
        self._clock = clock
        self._boot_id = boot_id
        self._seq: Counter[str] = Counter()

    def stamp(self, name: str, message: Sent) -> Sent:
        """The message as it is sent on the topic `name`; a command of a person has no envelope."""
        if not isinstance(message, ServiceMessage):
            return message
        self._seq[name] += 1
        stamp = {
            "source": self._source,
            "seq": self._seq[name],
            "host_boot_id": self._boot_id,
            "at_ns": self._clock.monotonic_ns(),
            "time": self._clock.utc_now().isoformat(timespec="milliseconds"),
        }
        return message.model_copy(update=stamp)


def encode(topic: AnyTopic, message: Part | Command, data: bytes, name: str) -> RawMessage:
    """The publication of a message; `data` is the picture of an image topic.

    On a foreign topic an empty message is no payload: it takes back what was retained there.
    """
    body = message.model_dump_json(exclude_none=True).encode()
    if topic.foreign and body == b"{}":
        body = b""
    image = topic.kind is TopicKind.IMAGE
    return RawMessage(
        name,
        data if image else body,
        retain=topic.retained,
        qos=topic.qos,
        expiry_s=topic.expiry_s,
        header=body if image else None,
        image=image,
    )


class RejectionLimit:
    """Lets so many refusals through that a flood of nonsense makes no flood of answers."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._passed_ns: list[int] = []

    def passes(self) -> bool:
        """Whether one more refusal may be published in this second."""
        now_ns = self._clock.monotonic_ns()
        self._passed_ns = [t for t in self._passed_ns if now_ns - t < NS_PER_S]
        if len(self._passed_ns) >= MAX_REJECTIONS_PER_S:
            return False
        self._passed_ns.append(now_ns)
        return True


def rejected_message(topic: AnyTopic, name: str, body: bytes, reason: str) -> RejectedMessage:
    """What a refusal says: never bytes of a picture, nor of what is private."""
    is_untold = topic.kind is TopicKind.IMAGE or topic.private
    head = "" if is_untold else repr(body[:HEAD_BYTES])[2:-1]
    return RejectedMessage(topic=name[:256], reason=reason[:400], head=head[:200])
