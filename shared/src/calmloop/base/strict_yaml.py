"""Reads the YAML that people write, and refuses what does not say clearly what was meant.

Scalars are those of YAML 1.2's core schema. A key that stands twice, an alias, a tag, a second
document, `yes`, `040`, `1:30` and `.nan` are refused, since readers of YAML disagree about them.
An error names file, line and key, and never quotes the file: a line may hold a password.
"""

import math
import re
import types
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

from calmloop.base.errors import ConfigurationError

MAX_FILE_BYTES = 100_000
DEEPEST = 20
MAX_NUMBER_CHARACTERS = 40

Location = tuple[int | str, ...]

_WORDS = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
_KEY = re.compile(r"[\w .-]{0,64}")
_AMBIGUOUS = (
    (re.compile(r"(?i:y|yes|n|no|on|off)"), "yes, no, on and off are text to some readers"),
    (
        re.compile(r"[-+]?0([0-9_]+|[oxbOXB][0-9a-fA-F_]+)(\.[0-9_]*)?"),
        "the number is octal or hex",
    ),
    (re.compile(r"[-+]?[0-9][0-9_]*(:[0-9]+)+(\.[0-9_]*)?"), "the number is in sixties"),
    (re.compile(r"[-+]?[0-9]+_[0-9_.]*"), "the number holds '_'"),
    (re.compile(r"[-+]?\.(?i:inf|nan)"), "the number is not finite"),
)
"""Plain scalars that readers of YAML disagree about, or that no setting can be."""


class FilePart(BaseModel):
    """Base of what people write in files: no unknown keys, finite numbers, no `true` for 1."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True
    )

    @field_validator("*", mode="before")
    @classmethod
    def _no_bool_for_a_number(cls, value: Any, info: ValidationInfo) -> Any:
        field = cls.model_fields[info.field_name or ""]
        if isinstance(value, bool) and not _takes_bool(field.annotation):
            raise ValueError("true or false is not what belongs here")
        return value


def _takes_bool(annotation: Any) -> bool:
    if get_origin(annotation) in (Union, types.UnionType):
        return any(_takes_bool(choice) for choice in get_args(annotation))
    return annotation in (bool, Any)


@dataclass(frozen=True)
class Document:
    """What a file holds, and on which line each key of it stands."""

    place: str
    data: dict[str, Any]
    lines: dict[Location, int]

    def locate(self, keys: Location) -> str:
        """File, line and key of a fault, as far as the file has them."""
        known = next(
            (keys[:end] for end in range(len(keys), 0, -1) if keys[:end] in self.lines), ()
        )
        line = f" line {self.lines[known]}" if known else ""
        return f"{self.place}{line}: {_dotted(keys)}"


def read(path: Path, *, may_be_empty: bool = False) -> Document:
    """Reads a file.

    Args:
        path: A regular file of at most MAX_FILE_BYTES.
        may_be_empty: A file without a document, as one of comments only, is an empty mapping.

    Raises:
        FileNotFoundError: it is not there.
        ConfigurationError: it cannot be read or does not say clearly what was meant.
    """
    try:
        if path.exists() and not path.is_file():
            raise ConfigurationError(f"{path}: is no regular file: name a file")
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ConfigurationError(
            f"{path}: cannot be read ({error.strerror}): check that this user may read it"
        ) from error
    return parse(data, str(path), may_be_empty=may_be_empty)


def parse(data: bytes, place: str, *, may_be_empty: bool = False) -> Document:
    """Parses a file's bytes; `place` names the file in messages.

    Raises:
        ConfigurationError: names file, line, key and what to do.
    """
    if len(data) > MAX_FILE_BYTES:
        raise ConfigurationError(f"{place}: is larger than {MAX_FILE_BYTES} bytes")
    try:
        reader = _Reader(data.decode("utf-8-sig"), place)
        found = reader.document(may_be_empty)
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{place}: is not UTF-8: save it as UTF-8 text") from error
    except yaml.YAMLError as error:
        # Without the cause, whose text quotes the line.
        raise ConfigurationError(
            f"{place}{_line(error)}: is not valid YAML: {_problem(error)}"
        ) from None
    return Document(place, found, reader.lines)


def _line(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f" line {mark.line + 1}" if mark else ""


def _line_of(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _problem(error: yaml.YAMLError) -> str:
    return getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"


def _dotted(keys: Location) -> str:
    return ".".join(_shown(key) for key in keys) or "file"


def _shown(key: int | str) -> str:
    """A key, if it looks like one: `{source:rtsp://…}` is a key as well, and holds a password."""
    return str(key) if _KEY.fullmatch(str(key)) else "(a key that is no plain word)"


class _Reader:
    """Makes values of a file's events, one level of recursion a level of nesting."""

    def __init__(self, text: str, place: str) -> None:
        self.lines: dict[Location, int] = {}
        self._place = place
        self._keys: list[int | str] = []
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=yaml.SafeLoader)

    def document(self, may_be_empty: bool) -> dict[str, Any]:
        """The one document of the file."""
        self._next()
        value: dict[str, Any] = {}
        if not isinstance(self._next(), yaml.StreamEndEvent):
            value = self._only_value()
        if not value and not may_be_empty:
            raise ConfigurationError(
                f"{self._place}: must hold keys and values, but is empty or all comments"
            )
        return value

    def _only_value(self) -> dict[str, Any]:
        first = self._next()
        value: Any = self._value(first)
        if not isinstance(value, dict):
            instead = "nothing" if value is None else f"a {type(value).__name__}"
            self._refuse(first, f"must hold keys and values, not {instead}")
        self._next()
        if not isinstance(more := self._next(), yaml.StreamEndEvent):
            self._refuse(more, "a second document begins here: keep one to a file")
        return value

    def _next(self) -> yaml.Event:
        return next(self._events)

    def _value(self, event: yaml.Event) -> Any:
        if getattr(event, "anchor", None) is not None:
            self._refuse(event, "anchors and aliases are not read: write the value out")
        if getattr(event, "tag", None) is not None:
            self._refuse(event, "tags are not read: write the value alone")
        if len(self._keys) > DEEPEST:
            self._refuse(event, f"is nested more than {DEEPEST} deep")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        return self._list() if isinstance(event, yaml.SequenceStartEvent) else self._mapping()

    def _list(self) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._value_at(len(items), _line_of(event), event))
        return items

    def _mapping(self) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent) or event.anchor or event.tag:
                self._refuse(event, "a key must be a word alone")
            key, line = event.value, _line_of(event)
            if key in entries:
                first = self.lines[(*self._keys, key)]
                self._refuse(event, f"the key stands twice, first on line {first}", key)
            entries[key] = self._value_at(key, line, self._next())
        return entries

    def _value_at(self, key: int | str, line: int, event: yaml.Event) -> Any:
        self._keys.append(key)
        self.lines[tuple(self._keys)] = line
        value = self._value(event)
        self._keys.pop()
        return value

    def _scalar(self, event: yaml.ScalarEvent) -> Any:
        text = event.value
        if not event.implicit[0]:
            return text
        if text in _WORDS:
            return _WORDS[text]
        for pattern, why in _AMBIGUOUS:
            if pattern.fullmatch(text):
                self._refuse(
                    event, f"{why}: write true, false or a decimal number, or quote a text"
                )
        return self._number(event) if _DECIMAL.fullmatch(text) else text

    def _number(self, event: yaml.ScalarEvent) -> float:
        text = event.value
        if len(text) > MAX_NUMBER_CHARACTERS or not math.isfinite(float(text)):
            self._refuse(event, "is too large a number, or one of too many digits")
        return int(text) if _INTEGER.fullmatch(text) else float(text)

    def _refuse(self, event: yaml.Event, why: str, *keys: int | str) -> NoReturn:
        at = f"{self._place} line {_line_of(event)}"
        raise ConfigurationError(f"{at}: {_dotted((*self._keys, *keys))}: {why}")
