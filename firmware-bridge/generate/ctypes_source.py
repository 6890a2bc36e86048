"""The protocol's structures as the tests lay them over C's, so that both codecs can be compared."""

from definition import Definition, Member, Message
from text import NOTICE, lines

C_TYPES = {"u8": "c_uint8", "u16": "c_uint16", "u32": "c_uint32", "bool": "c_bool"}


def structures(definition: Definition) -> str:
    """`tests/unit/firmware_core/wire_structs.py`."""
    payload = f"c_uint8 * {definition.number('FRAME_PAYLOAD_MAX')}"
    frame = [*_pairs(definition, definition.frame.fields, "chair")]
    frame += [("size", "c_uint8"), ("payload", payload)]
    return lines(
        [
            '"""The structures of `protocol.h` and `frame.h`.',
            "",
            NOTICE,
            '"""',
            "",
            "from ctypes import POINTER, Structure, c_bool, c_uint8, c_uint16, c_uint32",
            *_structure("CFrame", "frame", frame),
            *[line for message in definition.message for line in _message(definition, message)],
            "",
            "",
            "READ: dict[int, tuple[str, type[Structure]]] = {",
            *_functions(definition, "host", "read"),
            "}",
            '"""What C reads, by type: its function and what it gives."""',
            "WRITTEN: dict[int, tuple[str, type[Structure]]] = {",
            *_functions(definition, "chair", "write"),
            "}",
            '"""What C writes, by type: its function and what it takes."""',
        ]
    )


def _functions(definition: Definition, sender: str, verb: str) -> list[str]:
    return [
        f'    0x{message.type:02X}: ("{message.struct}_{verb}", C{message.python}),'
        for message in definition.message
        if message.sender == sender
    ]


def _message(definition: Definition, message: Message) -> list[str]:
    pairs = _pairs(definition, message.fields, message.sender)
    return _structure(f"C{message.python}", message.struct, pairs)


def _pairs(definition: Definition, members: list[Member], sender: str) -> list[tuple[str, str]]:
    return [(member.name, _type(definition, member, sender)) for member in members]


def _type(definition: Definition, member: Member, sender: str) -> str:
    if member.type != "bytes":
        return C_TYPES[member.type]
    return "POINTER(c_uint8)" if sender == "host" else f"c_uint8 * {definition.size(member)}"


def _structure(name: str, struct: str, pairs: list[tuple[str, str]]) -> list[str]:
    rows = [f'        ("{member}", {kind}),' for member, kind in pairs]
    head = ["", "", f"class {name}(Structure):", f'    """`struct {struct}`."""', ""]
    return [*head, "    _fields_ = [", *rows, "    ]"]
