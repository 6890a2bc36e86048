"""C and Python lay each message out alike, whatever stands in it."""

import ctypes
import random
from dataclasses import fields
from typing import Any

import pytest

from calmloop.chair_link.wire.messages import MESSAGES
from tests.unit.firmware_core.binding import VIEW_FIELDS, library
from tests.unit.firmware_core.wire_structs import READ, WRITTEN

RNG = random.Random(1)


def name_of(kind: int) -> str:
    return MESSAGES[kind].kind.name


def held(struct: ctypes.Structure, payload_size: int) -> tuple[Any, ...]:
    """The members of a structure, bytes as bytes; of a pointer what is left of the payload."""
    values: list[Any] = []
    for member, *_ in struct._fields_:
        value = getattr(struct, member)
        if isinstance(value, ctypes._Pointer):
            value = value[: payload_size - len(values)]
        values.append(bytes(value) if isinstance(value, list | ctypes.Array) else value)
    return tuple(values)


@pytest.mark.parametrize("kind", READ, ids=name_of)
def test_c_reads_what_python_has_packed(kind: int) -> None:
    message, (name, struct) = MESSAGES[kind], READ[kind]
    read = getattr(library(), name)
    read.restype, read.argtypes = struct, [ctypes.c_void_p]
    for _ in range(50):
        payload = RNG.randbytes(message.layout.size)
        values = list(message.layout.unpack(payload))
        for i, field in enumerate(fields(message)):
            if field.type is bool:
                values[i] &= 1
        buffer = ctypes.create_string_buffer(payload, len(payload))
        assert held(read(buffer), len(payload)) == tuple(values)


@pytest.mark.parametrize("kind", WRITTEN, ids=name_of)
def test_python_unpacks_what_c_has_written(kind: int) -> None:
    message, (name, struct) = MESSAGES[kind], WRITTEN[kind]
    write = getattr(library(), name)
    write.restype, write.argtypes = None, [ctypes.POINTER(struct), ctypes.c_void_p]
    buffer = ctypes.create_string_buffer(message.layout.size)
    for _ in range(50):
        filled = struct.from_buffer_copy(RNG.randbytes(ctypes.sizeof(struct)))
        for field in fields(message):
            if field.type is bool:
                setattr(filled, field.name, RNG.random() < 0.5)
        write(filled, buffer)
        assert message.layout.unpack(buffer.raw) == held(filled, message.layout.size)


def test_the_view_is_that_of_the_host() -> None:
    assert (VIEW_FIELDS[0], VIEW_FIELDS[-1]) == ("state", "reset_is_kept")
