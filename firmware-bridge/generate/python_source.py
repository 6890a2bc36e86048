"""The Python of the protocol, `chair_link/wire/`: numbers, codes, messages, texts for people."""

import re

from definition import Code, Constant, Definition, Enumeration, FlagSet, Member, Message
from text import NOTICE, WIDTH, lines, wrapped

FORMATS = {"u8": "B", "u16": "H", "u32": "I", "bool": "B"}
PACKAGE = "calmloop.chair_link.wire"


def files(definition: Definition) -> dict[str, str]:
    """Each module of the package with its text."""
    return {
        "__init__.py": lines(_head("The serial protocol as `protocol.toml` declares it.")),
        "numbers.py": _numbers(definition),
        "codes.py": _codes(definition),
        "texts.py": _texts(definition),
        "messages.py": _messages(definition),
    }


def _head(text: str) -> list[str]:
    return [f'"""{text}', "", NOTICE, '"""', ""]


def _doc(text: str, indent: str = "    ") -> str:
    closed = f'{indent}"""{text}"""'
    if len(closed) <= WIDTH:
        return closed
    return "\n".join([wrapped(text, indent, f'{indent}"""'), f'{indent}"""'])


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()


# --- numbers ---------------------------------------------------------------------------------


def _numbers(definition: Definition) -> str:
    header = "".join(FORMATS[member.type] for member in definition.frame.fields)
    return lines(
        [
            *_head("The numbers that both ends know; units stand in their names."),
            *[line for constant in definition.constant for line in _constant(constant)],
            f'FRAME_HEADER = "<{header}"',
            _doc("Of what stands before a frame's payload: version, type, sequence, boot id.", ""),
            f"CAP_HASH = 0x{definition.cap_hash:08X}",
            _doc("CRC-32C of the caps of the safety envelope (PROTOCOL.md, section 6).", ""),
        ]
    )


def _constant(constant: Constant) -> list[str]:
    return [
        f"{constant.name} = {constant.value}",
        *([_doc(constant.text, "")] if constant.text else []),
    ]


# --- codes -----------------------------------------------------------------------------------


def _codes(definition: Definition) -> str:
    return lines(
        [
            *_head("The codes of the protocol: message types, states, reasons, results, flags."),
            "from enum import IntEnum, IntFlag",
            *_kinds(definition),
            *[line for enum in definition.enum for line in _enum(enum)],
            *[line for flags in definition.flags for line in _flags(flags)],
        ]
    )


def _kinds(definition: Definition) -> list[str]:
    members = [f"    {message.name} = 0x{message.type:02X}" for message in definition.message]
    text = "Message types: below 0x80 from the host, above from the chair."
    return ["", "", "class MessageKind(IntEnum):", _doc(text), "", *members]


def _enum(enum: Enumeration) -> list[str]:
    codes = sorted(enum.codes, key=lambda code: code.value)
    members = [f"    {code.name} = {code.value}" for code in codes]
    return ["", "", f"class {enum.name}(IntEnum):", _doc(enum.text), "", *members]


def _flags(flags: FlagSet) -> list[str]:
    members = [f"    {bit.name} = 0x{1 << n:02X}" for n, bit in enumerate(flags.bits)]
    return ["", "", f"class {flags.name}(IntFlag):", _doc(flags.text), "", *members]


# --- what people are told ----------------------------------------------------------------------


def _texts(definition: Definition) -> str:
    enums = [enum for enum in definition.enum if enum.is_explained]
    return lines(
        [
            *_head("The codes in the words that people are shown."),
            *_imported("codes", [enum.name for enum in enums]),
            *[line for enum in enums for line in _described(enum)],
        ]
    )


def _described(enum: Enumeration) -> list[str]:
    told = _dictionary(enum, "TEXTS", {code: code.told for code in enum.codes})
    if any(code.remedy for code in enum.codes):
        told += _dictionary(enum, "REMEDIES", {code: code.remedy for code in enum.codes})
    return told


def _dictionary(enum: Enumeration, name: str, words: dict[Code, str]) -> list[str]:
    ordered = sorted(words.items(), key=lambda item: item[0].value)
    entries = [_entry(f"{enum.name}.{code.name}", text) for code, text in ordered]
    return ["", f"{_snake(enum.name)}_{name}: dict[{enum.name}, str] = {{", *entries, "}"]


def _entry(key: str, text: str) -> str:
    entry = f'    {key}: "{text}",'
    if len(entry) <= WIDTH:
        return entry
    parts = wrapped(text, " " * 11).splitlines()
    pieces = [f'        "{part.strip()} "' for part in parts[:-1]]
    return "\n".join([f"    {key}: (", *pieces, f'        "{parts[-1].strip()}"', "    ),"])


# --- messages ----------------------------------------------------------------------------------


def _messages(definition: Definition) -> str:
    messages = definition.message
    named = {member.code for message in messages for member in message.fields if not member.any}
    results = {message.name: message.result for message in messages if message.result}
    return lines(
        [
            *_head("The fields of each message, in wire order."),
            "import struct",
            "from dataclasses import dataclass",
            "from typing import ClassVar",
            "",
            "from calmloop.chair_link.message import Message",
            *_imported("codes", ["MessageKind", *results.values(), *named]),
            *[line for message in messages for line in _message(definition, message)],
            *_by_kind("RESULTS", " | ".join(f"type[{r}]" for r in results.values()), results),
            _doc("What is acknowledged, and with which codes.", ""),
            *_by_kind("MESSAGES", "type[Message]", {m.name: m.python for m in messages})[1:],
        ]
    )


def _by_kind(name: str, value: str, entries: dict[str, str]) -> list[str]:
    """A dictionary of classes by the message's kind."""
    return [
        "",
        "",
        f"{name}: dict[int, {value}] = {{",
        *[f"    MessageKind.{kind}: {entry}," for kind, entry in entries.items()],
        "}",
    ]


def _imported(module: str, names: list[str]) -> list[str]:
    known = sorted({name for name in names if name})
    return [f"from {PACKAGE}.{module} import (", *[f"    {name}," for name in known], ")"]


def _message(definition: Definition, message: Message) -> list[str]:
    layout = "".join(_format(definition, member) for member in message.fields)
    most = {
        member.name: definition.number(member.max)
        for member in message.fields
        if member.max is not None and message.sender == "chair"
    }
    return [
        "",
        "",
        "@dataclass(frozen=True)",
        f"class {message.python}(Message):",
        *_explained(definition, message),
        "",
        f"    kind = MessageKind.{message.name}",
        f'    layout = struct.Struct("<{layout}")',
        *_limits(most),
        "",
        *[f"    {member.name}: {_type(member)}" for member in message.fields],
    ]


def _limits(most: dict[str, int]) -> list[str]:
    rows = [f'        "{name}": {value},' for name, value in most.items()]
    return ["    most: ClassVar[dict[str, int]] = {", *rows, "    }"] if rows else []


def _explained(definition: Definition, message: Message) -> list[str]:
    described = [(member.name, _description(member)) for member in message.fields]
    rows = [(name, definition.fill(text)) for name, text in described if text]
    if not rows:
        return [_doc(definition.fill(message.text))]
    return [
        wrapped(definition.fill(message.text), "    ", '    """'),
        "",
        "    Attributes:",
        *[wrapped(text, " " * 12, f"        {name}: ") for name, text in rows],
        '    """',
    ]


def _description(member: Member) -> str:
    text = member.text[:1].upper() + member.text[1:]
    return f"{text}." if text and not text.endswith(".") else text


def _format(definition: Definition, member: Member) -> str:
    return f"{definition.size(member)}s" if member.type == "bytes" else FORMATS[member.type]


def _type(member: Member) -> str:
    if member.code and not member.any:
        return member.code
    return member.type if member.type in ("bool", "bytes") else "int"
