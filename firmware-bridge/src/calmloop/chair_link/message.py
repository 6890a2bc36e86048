"""What every message inside a frame can do; `wire` has the fields of each."""

import struct
from collections.abc import Mapping
from dataclasses import Field, astuple, dataclass, fields
from typing import Any, ClassVar, Self

from calmloop.chair_link.errors import WireMessageError
from calmloop.chair_link.wire.codes import MessageKind


@dataclass(frozen=True)
class Message:
    """A payload: the fields of each kind in wire order, little-endian.

    Attributes:
        most: The highest value that makes sense, for the fields that have one: more is damaged.

    Raises:
        ValueError: a field is above that.
    """

    kind: ClassVar[MessageKind]
    layout: ClassVar[struct.Struct]
    most: ClassVar[Mapping[str, int]] = {}

    def __post_init__(self) -> None:
        for name, most in self.most.items():
            value = getattr(self, name)
            if value > most:
                raise ValueError(f"{name} is {value}; at most {most} makes sense")

    def payload(self) -> bytes:
        """The bytes that a frame carries.

        Raises:
            struct.error: a number does not fit its field.
        """
        return self.layout.pack(*astuple(self))

    @classmethod
    def read(cls, payload: bytes) -> Self:
        """The message in a payload.

        Raises:
            WireMessageError: length or a coded value is wrong.
        """
        if len(payload) != cls.layout.size:
            raise WireMessageError(
                f"{cls.kind.name}: {len(payload)} bytes, not {cls.layout.size}: protocol mismatch?"
            )
        try:
            return cls(*map(_typed, fields(cls), cls.layout.unpack(payload)))
        except ValueError as error:
            raise WireMessageError(
                f"{cls.kind.name}: {error}: newer firmware? update the host"
            ) from None


def _typed(field: Field[Any], value: int | bytes) -> Any:
    """A number of the wire as its field's own type: an enum, flags, bool, int or bytes."""
    return field.type(value)  # type: ignore[operator]
