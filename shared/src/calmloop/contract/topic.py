"""What a topic is: its path, its message, who writes and reads it, and how it behaves.

`calmloop.contract.topics` has them all.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Generic, TypeVar

from calmloop.contract.accounts import SERVICE_UIDS, SHARING, Account
from calmloop.contract.messages.base import Command, Part

ROOT = "calmloop"
CHAIR_ID_PATTERN = r"^[a-z0-9-]{1,40}$"
INSTANCE_PATTERN = r"^[A-Za-z0-9._-]{1,64}$"


SERVICES = frozenset(SERVICE_UIDS)
ALONE = SERVICES - SHARING
"""Services of which a chair has one instance."""
EVERYONE = frozenset(Account) - {Account.HOUSE}
"""All but the house, which must not read the token of whoever is present."""
CAREGIVERS = frozenset({Account.CAREGIVER, Account.CAREGIVER_CONSOLE})
"""Who commands: a caregiver's own programs, and the console for those at its pages."""
COMMAND_EXPIRY_S = 2
IMAGE_EXPIRY_S = 1


class TopicKind(StrEnum):
    """How a topic behaves."""

    IMAGE = "image"
    """Binary payload and a `header` user property; on a connection of its own."""
    STREAM = "stream"
    """The newest counts; never retained."""
    STATE = "state"
    """Retained: a newcomer sees it at once."""
    COMMAND = "command"
    """Never retained; refused when it was, or when its body is invalid."""
    STOP = "stop"
    """Any payload at all, retained or not, is obeyed."""


MessageType = TypeVar("MessageType", bound=Part | Command, covariant=True)


@dataclass(frozen=True)
class Topic(Generic[MessageType]):
    """One topic under `calmloop/<chair_id>/`, with everything that is known of it.

    `path` may hold the placeholders `{service}`, `{instance}`, `{kind}` and `{name}`. Of what is
    `private` no refusal repeats anything. One that another program lays down is `foreign`: its path
    is the full name, with `{chair}` for the chair's id.
    """

    path: str
    model: type[MessageType]
    kind: TopicKind
    writers: frozenset[Account]
    readers: frozenset[Account]
    summary: str
    qos: int = 0
    expiry_s: int | None = None
    rate_hz: float | None = None
    max_age_s: float | None = None
    private: bool = False
    foreign: bool = False

    @property
    def retained(self) -> bool:
        """Whether publications carry the retain flag."""
        return self.kind is TopicKind.STATE

    @property
    def lasts(self) -> bool:
        """Whether what was said last holds, however old, until something else is said."""
        return self.retained and self.max_age_s is None

    @cached_property
    def placeholders(self) -> tuple[str, ...]:
        """Names of the placeholders in the path, in order."""
        return tuple(name for name in re.findall(r"{(\w+)}", self.path) if name != "chair")

    def name(self, chair_id: str, **fields: str) -> str:
        """The full topic name.

        Raises:
            KeyError: a placeholder has no value.
        """
        path = self.path.format(chair=chair_id, **fields)
        return path if self.foreign else f"{ROOT}/{chair_id}/{path}"

    def filter(self, chair_id: str, **fields: str) -> str:
        """The subscription filter: a placeholder that is not given is one level of anything."""
        return self.name(chair_id, **(dict.fromkeys(self.placeholders, "+") | fields))

    def fields(self, chair_id: str, name: str) -> dict[str, str]:
        """The placeholders' values in a full topic name that belongs to this topic."""
        levels = name.removeprefix(f"{ROOT}/{chair_id}/").split("/")
        return {
            part.strip("{}"): level
            for part, level in zip(self.path.split("/"), levels, strict=True)
            if part.startswith("{")
        }


AnyTopic = Topic[Part | Command]


def only(*accounts: Account) -> frozenset[Account]:
    """These and nobody else."""
    return frozenset(accounts)


def image_topic(
    path: str, model: type[MessageType], writer: Account, reader: Account, summary: str
) -> Topic[MessageType]:
    """A topic on which one stage hands pictures to another, and nobody else sees them."""
    return Topic(
        path,
        model,
        TopicKind.IMAGE,
        writers=only(writer),
        readers=only(reader),
        summary=summary,
        expiry_s=IMAGE_EXPIRY_S,
        rate_hz=15.0,
        max_age_s=1.0,
    )


def command_topic(
    path: str, model: type[MessageType], reader: Account, summary: str, *, private: bool = False
) -> Topic[MessageType]:
    """A topic on which people command one service; what is private, nobody else reads."""
    return Topic(
        path,
        model,
        TopicKind.COMMAND,
        writers=CAREGIVERS,
        readers=only(reader, *(() if private else (Account.CAREGIVER, Account.MONITOR))),
        private=private,
        summary=summary,
        qos=1,
        expiry_s=COMMAND_EXPIRY_S,
    )


def state_topic(
    path: str,
    model: type[MessageType],
    writer: Account,
    summary: str,
    rate_hz: float | None = None,
    max_age_s: float | None = None,
) -> Topic[MessageType]:
    """A topic on which one service publishes its state for everyone, newcomers too."""
    return Topic(
        path,
        model,
        TopicKind.STATE,
        writers=only(writer),
        readers=EVERYONE,
        summary=summary,
        qos=1,
        rate_hz=rate_hz,
        max_age_s=max_age_s,
    )


def stream_topic(
    path: str,
    model: type[MessageType],
    writer: Account,
    summary: str,
    *,
    rate_hz: float,
    max_age_s: float,
    expiry_s: int | None = None,
    readers: frozenset[Account] = EVERYONE,
) -> Topic[MessageType]:
    """A topic on which one service tells others the newest of what changes all the time."""
    return Topic(
        path,
        model,
        TopicKind.STREAM,
        writers=only(writer),
        readers=readers,
        summary=summary,
        rate_hz=rate_hz,
        max_age_s=max_age_s,
        expiry_s=expiry_s,
    )


def service_topic(
    path: str,
    model: type[MessageType],
    kind: TopicKind,
    summary: str,
    *,
    readers: frozenset[Account] = EVERYONE,
    **more: Any,
) -> Topic[MessageType]:
    """A topic on which each service tells everyone of itself."""
    return Topic(path, model, kind, writers=SERVICES, readers=readers, summary=summary, **more)


def finder(registry: tuple[AnyTopic, ...]) -> Callable[[str, str], AnyTopic | None]:
    """What finds a topic of the registry by a chair's id and a full topic name."""
    foreign = [topic for topic in registry if topic.foreign]
    own = [topic for topic in registry if not topic.foreign]
    by_path = {topic.path: topic for topic in own if not topic.placeholders}
    others = [(topic, topic.path.split("/")) for topic in own if topic.path not in by_path]

    def find(chair_id: str, name: str) -> AnyTopic | None:
        prefix = f"{ROOT}/{chair_id}/"
        if not name.startswith(prefix):
            return next((topic for topic in foreign if topic.name(chair_id) == name), None)
        path = name.removeprefix(prefix)
        levels = path.split("/")
        return by_path.get(path) or next((t for t, want in others if _fits(want, levels)), None)

    return find


def _fits(pattern: list[str], levels: list[str]) -> bool:
    return len(pattern) == len(levels) and all(
        want.startswith("{") or want == have for want, have in zip(pattern, levels, strict=True)
    )
