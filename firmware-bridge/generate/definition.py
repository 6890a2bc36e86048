"""`protocol.toml` as typed values: what the rest of the generator writes from."""

import re
from collections.abc import Iterable
from typing import Annotated, Literal

import google_crc32c
from pydantic import BaseModel, ConfigDict, Field

SIZES = {"u8": 1, "u16": 2, "u32": 4, "bool": 1}

Upper = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
Lower = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Class = Annotated[str, Field(pattern=r"^[A-Z][A-Za-z]*$")]
Byte = Annotated[int, Field(ge=0, le=255)]
Number = int | Upper
"""A number, or the name of a constant."""


class DefinitionError(ValueError):
    """`protocol.toml` cannot be what the wire is; the text says where and why."""


class Part(BaseModel):
    """A table of `protocol.toml`: a key that nobody knows is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Constant(Part):
    """A number that both ends know."""

    name: Upper
    value: Annotated[int, Field(ge=0, lt=1 << 32)]
    unit: str = ""
    c: Literal["u16", "u32"] = "u16"
    cap: str = ""
    text: str = ""


class Code(Part):
    """One value of an enum. `says` is what people are told instead of `text`."""

    value: Byte
    name: Upper
    text: str
    says: str | None = None
    when: str = ""
    gone: str = ""
    remedy: str = ""

    @property
    def told(self) -> str:
        """What people are told."""
        return self.text if self.says is None else self.says


class Enumeration(Part):
    """Codes, of which one byte on the wire is one. `codes` are in the order of the file."""

    name: Class
    c: Lower
    prefix: str
    title: str
    text: str
    note: str = ""
    c_also: list[Literal["LAST", "NAMES"]] = []
    codes: list[Code]

    @property
    def is_explained(self) -> bool:
        """Whether people are shown these codes in words."""
        return any(code.says is not None or code.remedy for code in self.codes)


class Bit(Part):
    """One condition of a byte of flags; the first is bit 0."""

    name: Upper
    text: str


class FlagSet(Part):
    """A byte of flags."""

    name: Class
    prefix: str
    text: str
    bits: Annotated[list[Bit], Field(max_length=8)]


class Member(Part):
    """One field of a message or of the frame's header."""

    name: Lower
    type: Literal["u8", "u16", "u32", "bool", "bytes"]
    size: Number = 0
    unit: str = ""
    min: Number = 0
    max: Number | None = None
    code: str = ""
    any: bool = False
    text: str = ""


class FrameLayout(Part):
    """What stands before the payload."""

    text: str
    fields: list[Member]


class Message(Part):
    """One message; its fields are in wire order."""

    name: Upper
    type: Byte
    sender: Annotated[Literal["host", "chair"], Field(alias="from")]
    c: Lower | None = None
    result: str = ""
    title: str = ""
    text: str
    fields: list[Member]
    notes: str = ""

    @property
    def python(self) -> str:
        """Its class in Python."""
        return self.name.title().replace("_", "")

    @property
    def struct(self) -> str:
        """Its structure in C."""
        return self.c or self.name.lower()


class RecordPart(Part):
    """One row of the calibration record."""

    at: str
    size: int | None = None
    name: str
    range: str


class Record(Part):
    """The calibration record."""

    fields: list[RecordPart]


class Definition(Part):
    """The whole of `protocol.toml`."""

    constant: list[Constant]
    enum: list[Enumeration]
    flags: list[FlagSet]
    frame: FrameLayout
    message: list[Message]
    record: Record

    def number(self, number: Number) -> int:
        """The value of a number or of the constant that it names."""
        if isinstance(number, int):
            return number
        for constant in self.constant:
            if constant.name == number:
                return constant.value
        raise DefinitionError(f"{number} is no constant: add it, or name another")

    def size(self, member: Member) -> int:
        """Bytes on the wire."""
        return self.number(member.size) if member.type == "bytes" else SIZES[member.type]

    def payload_size(self, message: Message) -> int:
        """Bytes of its payload."""
        return sum(map(self.size, message.fields))

    def offsets(self, members: Iterable[Member]) -> list[tuple[int, Member]]:
        """Each member with its offset."""
        placed, at = [], 0
        for member in members:
            placed.append((at, member))
            at += self.size(member)
        return placed

    def fill(self, text: str) -> str:
        """A text with the constants that it names in braces as their values."""
        return re.sub(r"\{([A-Z0-9_]+)\}", lambda found: self._word(found[1]), text)

    def _word(self, name: str) -> str:
        if name == "ACKNOWLEDGED":
            return " or ".join(f"0x{m.type:02X} {m.name}" for m in self.message if m.result)
        return str(self.number(name))

    def enumeration(self, name: str) -> Enumeration | None:
        """The enum of that name, if it is one."""
        return next((enum for enum in self.enum if enum.name == name), None)

    def flag_set(self, name: str) -> FlagSet | None:
        """The flags of that name, if it is some."""
        return next((flags for flags in self.flags if flags.name == name), None)

    @property
    def caps(self) -> list[Constant]:
        """The numbers of the cap hash, in its order."""
        return [constant for constant in self.constant if constant.cap]

    @property
    def cap_hash(self) -> int:
        """CRC-32C of the caps, each as u32 little-endian."""
        numbers = b"".join(cap.value.to_bytes(4, "little") for cap in self.caps)
        return int(google_crc32c.value(numbers))
