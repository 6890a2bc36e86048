"""Reads `protocol.toml`, and refuses one that contradicts itself, by its place and the limit."""

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

from definition import SIZES, Definition, DefinitionError, Member, Message
from pydantic import ValidationError
from pydantic_core import ErrorDetails

FIRST_OF_CHAIR = 0x80


def load(path: Path) -> Definition:
    """Reads and checks a definition.

    Raises:
        DefinitionError: it contradicts itself; the text says where, and what is allowed.
    """
    try:
        declared = tomllib.loads(path.read_text(encoding="utf-8"))
        definition = Definition.model_validate(declared)
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(f"{path.name}: {error}") from None
    except ValidationError as error:
        raise DefinitionError(
            "\n".join(_described(declared, one) for one in error.errors())
        ) from None
    _check_names(definition)
    for message in definition.message:
        _check_message(definition, message)
    return definition


def _described(declared: Any, error: ErrorDetails) -> str:
    """What pydantic found, with names where it has numbers."""
    place: list[str] = []
    part: Any = declared
    for key in error["loc"]:
        if not isinstance(part, dict | list):
            break  # a number or a name: both kinds of error would be told
        part = part.get(key) if isinstance(part, dict) else part[int(key)]
        is_row = isinstance(part, dict) and isinstance(key, int)
        place.append(str(part.get("name", key) if is_row else key))
    return f"{'.'.join(place)}: {error['input']!r}: {error['msg']}"


def _check_names(definition: Definition) -> None:
    """Nothing is named or numbered twice."""
    _once("constants", [constant.name for constant in definition.constant])
    flags = [flags.name for flags in definition.flags]
    _once("enums and flags", [*(enum.name for enum in definition.enum), *flags])
    _once("messages", [message.name for message in definition.message])
    _once("message types", [f"0x{message.type:02X}" for message in definition.message])
    for enum in definition.enum:
        _once(f"codes of {enum.name}", [code.name for code in enum.codes])
        _once(f"values of {enum.name}", [str(code.value) for code in enum.codes])


def _once(what: str, names: list[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DefinitionError(f"{what}: {', '.join(twice)} stands there twice: choose another")


def _check_message(definition: Definition, message: Message) -> None:
    _once(f"fields of {message.name}", [member.name for member in message.fields])
    size, most = definition.payload_size(message), definition.number("FRAME_PAYLOAD_MAX")
    if size > most:
        raise DefinitionError(
            f"{message.name}: {size} bytes, at most {most} fit: leave something out"
        )
    if (message.type >= FIRST_OF_CHAIR) != (message.sender == "chair"):
        raise DefinitionError(
            f"{message.name}: type 0x{message.type:02X} from the {message.sender}:"
            f" the host's are below 0x{FIRST_OF_CHAIR:02X}, the chair's are not"
        )
    if message.result and definition.enumeration(message.result) is None:
        raise DefinitionError(f"{message.name}: result {message.result} is no enum: add it")
    for member in message.fields:
        _check_member(definition, message, member)


def _check_member(definition: Definition, message: Message, member: Member) -> None:
    place = f"{message.name}.{member.name}"
    known = definition.enumeration(member.code) or definition.flag_set(member.code)
    if member.code not in ("", "MessageKind") and known is None:
        raise DefinitionError(f"{place}: {member.code} is neither an enum nor flags: add it")
    if (member.type == "bytes") != (definition.number(member.size) > 0):
        raise DefinitionError(f"{place}: bytes have a size, and nothing else has")
    low = definition.number(member.min)
    high = (1 << 8 * SIZES.get(member.type, 4)) - 1
    most = high if member.max is None else definition.number(member.max)
    if not low <= most <= high:
        raise DefinitionError(
            f"{place}: range {low} to {most} does not fit {member.type}, 0 to {high}"
        )
