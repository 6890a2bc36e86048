"""The tables of PROTOCOL.md, each between a pair of markers."""

import json
import re
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

from definition import Code, Definition, DefinitionError, Enumeration, Member, Message

REGION = re.compile(r"(<!-- protocol: ([a-z ]+) -->\n).*?(<!-- end -->)", re.DOTALL)
Row = Sequence[str]


def filled(page: str, definition: Definition, vectors: Path) -> str:
    """A page with what stands between its markers written anew.

    Raises:
        DefinitionError: a marker names nothing that can be written.
    """
    regions = {
        "frame": _frame(definition),
        "messages from the host": _messages(definition, "host"),
        "messages from the chair": _messages(definition, "chair"),
        "caps": _caps(definition),
        "calibration record": _record(definition),
        "codes": "\n".join(_codes(definition, enum) for enum in definition.enum),
        "examples": _examples(vectors),
    }

    def write(found: re.Match[str]) -> str:
        if found[2] not in regions:
            raise DefinitionError(f"marker '{found[2]}': it has to be one of {', '.join(regions)}")
        return f"{found[1]}\n{regions[found[2]]}\n{found[3]}"

    return REGION.sub(write, page)


def _table(head: Row, rows: list[Row]) -> str:
    """A table without the columns in which nothing stands."""
    kept = [i for i in range(len(head)) if any(row[i] for row in rows)]
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line[i] for i in kept)} |\n" for line in lines)


def _frame(definition: Definition) -> str:
    most = definition.number("FRAME_PAYLOAD_MAX")
    members = definition.offsets(definition.frame.fields)
    size = sum(definition.size(member) for _, member in members)
    rows: list[Row] = [
        *[_field_row(definition, at, member) for at, member in members],
        (str(size), f"0 to {most}", "payload", "", "", ""),
        (
            f"{size} + n",
            "4",
            "CRC-32C",
            "",
            "",
            "over everything before it (Castagnoli; reflected, initial and final 0xFFFFFFFF)",
        ),
    ]
    return _table(FIELD_HEAD, rows)


# --- messages ----------------------------------------------------------------------------------

FIELD_HEAD = ("offset", "size", "field", "unit", "range", "meaning")


def _messages(definition: Definition, sender: str) -> str:
    messages = [message for message in definition.message if message.sender == sender]
    return "\n".join(_message(definition, message) for message in messages)


def _message(definition: Definition, message: Message) -> str:
    size = definition.payload_size(message)
    title = f": {message.title}" if message.title else ""
    rows = [_field_row(definition, at, member) for at, member in definition.offsets(message.fields)]
    notes = definition.fill(message.notes.strip("\n"))
    parts = [
        f"### 0x{message.type:02X} {message.name}, {size} bytes{title}\n",
        definition.fill(message.text) + "\n",
        _table(FIELD_HEAD, rows),
        *([notes + "\n"] if notes else []),
    ]
    return "\n".join(parts)


def _field_row(definition: Definition, at: int, member: Member) -> Row:
    return (
        str(at),
        str(definition.size(member)),
        f"`{member.name}`",
        member.unit,
        _range(definition, member),
        _meaning(definition, member),
    )


def _range(definition: Definition, member: Member) -> str:
    low = definition.number(member.min)
    if member.max is not None:
        return f"{low} to {definition.number(member.max)}"
    return f"{low} to {(1 << 8 * definition.size(member)) - 1}" if low else ""


def _meaning(definition: Definition, member: Member) -> str:
    said = [definition.fill(member.text)] if member.text else []
    if flags := definition.flag_set(member.code):
        said.append("bit " + ", ".join(f"{n} {bit.text}" for n, bit in enumerate(flags.bits)))
    if enum := definition.enumeration(member.code):
        said.append(f"section 9, {enum.title[:1].lower()}{enum.title[1:]}")
    return "; ".join(said)


# --- codes, caps, record, examples -----------------------------------------------------------


def _codes(definition: Definition, enum: Enumeration) -> str:
    head = ("code", "name", "meaning", "gone when", "remedy")
    rows: list[Row] = [
        (str(code.value), code.name, _worded(code), code.gone, code.remedy) for code in enum.codes
    ]
    note = f"{definition.fill(enum.note)}\n\n" if enum.note else ""
    return f"**{enum.title}**\n\n{note}{_table(head, rows)}"


def _worded(code: Code) -> str:
    return f"{code.text} ({code.when})" if code.when else code.text


def _caps(definition: Definition) -> str:
    caps = [(cap.cap, str(cap.value)) for cap in definition.caps]
    half = (len(caps) + 1) // 2
    rows: list[Row] = [
        (*left, "", *right)
        for left, right in zip_longest(caps[:half], caps[half:], fillvalue=("", ""))
    ]
    lines = [("number", "value", "", "number", "value"), ("---",) * 5, *rows]
    table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    version = definition.number("FRAME_VERSION")
    said = (
        f"(read the left column first). For version {version} it is `0x{definition.cap_hash:08X}`."
    )
    return f"{table}\n{said}\n"


def _record(definition: Definition) -> str:
    rows: list[Row] = [
        (part.at, str(part.size or ""), part.name, definition.fill(part.range))
        for part in definition.record.fields
    ]
    return _table(("offset", "size", "field", "plausible"), rows)


def _examples(vectors: Path) -> str:
    frames = json.loads(vectors.read_text(encoding="utf-8"))["frames"]
    rows: list[Row] = [(frame["name"], f"`{frame['wire']}`") for frame in frames]
    return _table(("frame", "wire"), rows)
