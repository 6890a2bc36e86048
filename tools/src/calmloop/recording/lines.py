"""A recording: a JSON-lines file whose first line says what it is, and one line a message.

A body is kept only as far as its model knows it. Whatever else a payload holds, a picture under a
wrong topic for instance, is never written.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from calmloop.base.errors import CalmloopError, InputError
from calmloop.bus.transport import RawMessage
from calmloop.contract import topics
from calmloop.contract.topics import AnyTopic, TopicKind

FORMAT: Literal["calmloop-recording"] = "calmloop-recording"


class RecordingError(CalmloopError):
    """A file that is no recording, or a broken one; the text says which line."""


class RecordingFileError(RecordingError, InputError):
    """A file that was named for a recording and cannot be one; nothing was begun."""


class RecordingHead(BaseModel):
    """The first line."""

    model_config = ConfigDict(frozen=True)

    format: Literal["calmloop-recording"] = FORMAT
    v: Literal[1] = 1
    chair_id: str
    began: str = Field(description="RFC 3339, UTC.")
    pictures: bool = Field(False, description="Whether it holds pictures of the child.")


class Line(BaseModel):
    """One message; bytes are written in base64."""

    model_config = ConfigDict(frozen=True, ser_json_bytes="base64", val_json_bytes="base64")

    t_s: float = Field(ge=0.0, description="Since the first line, by the recorder's clock.")
    topic: str = Field(description="Below `calmloop/<chair_id>/`.")
    retain: bool = False
    body: dict[str, Any] | None = Field(None, description="None: it was malformed, or a stop.")
    size_bytes: int = Field(ge=0, description="Of the payload.")
    picture: bytes | None = None


def written(raw: RawMessage, chair_id: str, t_s: float, *, pictures: bool) -> Line | None:
    """A message as it is recorded; None for what is not recorded at all.

    Args:
        raw: As it came.
        chair_id: Of the chair that is recorded.
        t_s: When it came, since the recording began.
        pictures: Whether the bytes of pictures are kept, too.
    """
    topic = topics.find(chair_id, raw.name)
    if topic is None or (topic.kind is TopicKind.IMAGE and not pictures):
        return None
    return Line(
        t_s=round(t_s, 6),
        topic=raw.name.removeprefix(f"{topics.ROOT}/{chair_id}/"),
        retain=raw.retain,
        body=_body(topic, raw),
        size_bytes=len(raw.payload),
        picture=raw.payload if topic.kind is TopicKind.IMAGE else None,
    )


def _body(topic: AnyTopic, raw: RawMessage) -> dict[str, Any] | None:
    if topic.kind is TopicKind.STOP:
        return None
    payload = raw.header or b"" if topic.kind is TopicKind.IMAGE else raw.payload
    try:
        return topic.model.model_validate_json(payload).model_dump(mode="json", exclude_none=True)
    except ValidationError:
        return None
