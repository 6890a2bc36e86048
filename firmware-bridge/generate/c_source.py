"""The C of the protocol: `protocol.h` with numbers, codes and structures, and `protocol.c`."""

from definition import Constant, Definition, Enumeration, FlagSet, Member, Message
from text import NOTICE, lines, wrapped

WHAT = (
    "The messages inside the frames, byte by byte, and the numbers and codes that both ends know; "
    "PROTOCOL.md is their specification."
)
C_TYPES = {"u8": "uint8_t", "u16": "uint16_t", "u32": "uint32_t", "bool": "bool"}


def header(definition: Definition) -> str:
    """`protocol.h`."""
    return lines(
        [
            _comment(f"{WHAT} {NOTICE}"),
            "/* clang-format off */",
            "#ifndef CALMLOOP_PROTOCOL_H",
            "#define CALMLOOP_PROTOCOL_H",
            "",
            "#include <stdbool.h>",
            "#include <stdint.h>",
            "",
            *_numbers(definition),
            *[line for message in definition.message for line in _struct(message)],
            *_functions_declared(definition),
            "#endif",
        ]
    )


def _numbers(definition: Definition) -> list[str]:
    """Constants, caps, enums, flags and types."""
    return [
        *[line for constant in definition.constant for line in _constant(constant)],
        "",
        *_caps(definition),
        *[line for enum in definition.enum for line in _enum(enum)],
        *[line for flags in definition.flags for line in _flags(flags)],
        *_types(definition),
    ]


def _functions_declared(definition: Definition) -> list[str]:
    hosts, chairs = _by_sender(definition)
    return [
        *_payload_size(hosts),
        *[f"{_reader(message)};" for message in hosts],
        "",
        *[f"{_writer(message)};" for message in chairs],
        "",
        *[line for message in hosts if _bounded(message) for line in _range_declared(message)],
    ]


def source(definition: Definition) -> str:
    """`protocol.c`."""
    hosts, chairs = _by_sender(definition)
    return lines(
        [
            f"/* {NOTICE} */",
            "/* clang-format off */",
            '#include "protocol.h"',
            "",
            "#include <string.h>",
            "",
            '#include "bytes.h"',
            "",
            *[line for message in hosts for line in _read(definition, message)],
            *[line for message in chairs for line in _write(definition, message)],
            *[line for message in hosts if _bounded(message) for line in _range(message)],
        ]
    )


def _by_sender(definition: Definition) -> tuple[list[Message], list[Message]]:
    hosts = [message for message in definition.message if message.sender == "host"]
    return hosts, [message for message in definition.message if message not in hosts]


# --- the header ----------------------------------------------------------------------------


def _comment(text: str) -> str:
    return wrapped(f"{text}\0*/", " * ", "/* ").replace("\0", " ")


def _constant(constant: Constant) -> list[str]:
    value = f"UINT32_C({constant.value})" if constant.c == "u32" else f"{constant.value}u"
    comment = [_comment(constant.text)] if constant.text else []
    return [*comment, f"#define {constant.name} {value}"]


def _caps(definition: Definition) -> list[str]:
    names = [f"    {cap.name}," for cap in definition.caps]
    width = max(map(len, names))
    return [
        "/* The numbers of the cap hash, in its order. */",
        "#define CAP_LIST \\",
        *[f"{name.ljust(width)} \\" for name in names[:-1]],
        names[-1].rstrip(","),
        "",
    ]


def _enum(enum: Enumeration) -> list[str]:
    codes = sorted(enum.codes, key=lambda code: code.value)
    return [
        _comment(enum.text),
        f"enum {enum.c} {{",
        *[f"    {enum.prefix}{code.name} = {code.value}," for code in codes],
        "};",
        *[f"#define {enum.prefix}{also} {_also(enum, also)}" for also in enum.c_also],
        "",
    ]


def _also(enum: Enumeration, also: str) -> str:
    """What `c_also` asks for: the last of the codes, or the names of all."""
    codes = sorted(enum.codes, key=lambda code: code.value)
    if also == "LAST":
        return enum.prefix + codes[-1].name
    names = wrapped(", ".join(f'"{code.name}"' for code in codes), "    ")
    return "\\\n" + names.replace("\n", " \\\n")


def _flags(flags: FlagSet) -> list[str]:
    bits = [f"#define {flags.prefix}{bit.name} 0x{1 << n:02X}u" for n, bit in enumerate(flags.bits)]
    return [_comment(flags.text), *bits, ""]


def _types(definition: Definition) -> list[str]:
    sizes = [
        f"#define {message.name}_SIZE {definition.payload_size(message)}u"
        for message in definition.message
    ]
    return [
        "enum message_type {",
        *[f"    MESSAGE_{message.name} = 0x{message.type:02X}," for message in definition.message],
        "};",
        "",
        *sizes,
        "",
    ]


def _struct(message: Message) -> list[str]:
    members = [f"    {_declared(message, member)};" for member in message.fields]
    return [_comment(message.text), f"struct {message.struct} {{", *members, "};", ""]


def _declared(message: Message, member: Member) -> str:
    if member.type != "bytes":
        return f"{C_TYPES[member.type]} {member.name}"
    if message.sender == "host":
        return f"const uint8_t *{member.name}"
    return f"uint8_t {member.name}[{member.size}]"


def _reader(message: Message) -> str:
    payload = f"const uint8_t payload[{message.name}_SIZE]"
    return f"struct {message.struct} {message.struct}_read({payload})"


def _writer(message: Message) -> str:
    name = message.struct
    return f"void {name}_write(const struct {name} *{name}, uint8_t payload[{message.name}_SIZE])"


def _ranger(message: Message) -> str:
    return f"bool {message.struct}_in_range(const struct {message.struct} *{message.struct})"


def _range_declared(message: Message) -> list[str]:
    comment = f"/* Every number of {message.name} lies in its coded range. */"
    return [comment, f"{_ranger(message)};", ""]


def _payload_size(hosts: list[Message]) -> list[str]:
    cases = [
        line
        for message in hosts
        for line in (f"    case MESSAGE_{message.name}:", f"        return {message.name}_SIZE;")
    ]
    return [
        "/* The size that a payload of this type has, or 0 for a type that no host sends. */",
        "static inline uint8_t host_payload_size(uint8_t type)",
        "{",
        "    switch (type) {",
        *cases,
        "    default:",
        "        return 0;",
        "    }",
        "}",
        "",
    ]


# --- the codecs ----------------------------------------------------------------------------


def _at(offset: int) -> str:
    return f"payload + {offset}" if offset else "payload"


def _read(definition: Definition, message: Message) -> list[str]:
    members = [
        f"        .{member.name} = {_got(at, member)},"
        for at, member in definition.offsets(message.fields)
    ]
    return [
        _reader(message),
        "{",
        f"    return (struct {message.struct}){{",
        *members,
        "    };",
        "}",
        "",
    ]


def _got(at: int, member: Member) -> str:
    if member.type == "u8":
        return f"payload[{at}]"
    if member.type == "bool":
        return f"(payload[{at}] & 1u) != 0"
    return _at(at) if member.type == "bytes" else f"get_{member.type}({_at(at)})"


def _write(definition: Definition, message: Message) -> list[str]:
    members = [
        f"    {_put(message.struct, at, member)};"
        for at, member in definition.offsets(message.fields)
    ]
    return [_writer(message), "{", *members, "}", ""]


def _put(struct: str, at: int, member: Member) -> str:
    value = f"{struct}->{member.name}"
    if member.type == "u8":
        return f"payload[{at}] = {value}"
    if member.type == "bool":
        return f"payload[{at}] = (uint8_t){value}"
    if member.type == "bytes":
        return f"memcpy({_at(at)}, {value}, {member.size})"
    return f"put_{member.type}({_at(at)}, {value})"


# --- ranges --------------------------------------------------------------------------------


def _bounded(message: Message) -> bool:
    return any(_bounds(message.struct, member) for member in message.fields)


def _bounds(struct: str, member: Member) -> list[str]:
    bounds = []
    if member.min != 0:
        bounds.append(f"{struct}->{member.name} >= {_literal(member.min)}")
    if member.max is not None:
        bounds.append(f"{struct}->{member.name} <= {_literal(member.max)}")
    return bounds


def _literal(number: int | str) -> str:
    return f"{number}u" if isinstance(number, int) else number


def _range(message: Message) -> list[str]:
    bounds = [bound for member in message.fields for bound in _bounds(message.struct, member)]
    return [
        _ranger(message),
        "{",
        "    return " + " &&\n           ".join(bounds) + ";",
        "}",
        "",
    ]
