"""Reads `avr-objdump -d` on stdin and prints the deepest stack, in bytes.

It follows every call from every entry, and refuses recursion and calls through pointers, so that
the figure is a bound and not a measurement. Interrupts do not nest: the deepest one comes on top.
"""

import re
import sys
from dataclasses import dataclass, field

RAM_BYTES = 2048
RESERVE_BYTES = 512
"""As STACK_RESERVE in paint.h."""
RETURN_ADDRESS = 2
FUNCTION = re.compile(r"^[0-9a-f]+ <(\S+)>:$")
INSTRUCTION = re.compile(r"^\s+[0-9a-f]+:\t(?:[0-9a-f]{2} )+\s*\t(\S+)(?:\t([^;]*))?(?:;(.*))?$")
TARGET = re.compile(r"<([^>+]+)>")


@dataclass
class Function:
    """What one function puts on the stack itself, and what it calls."""

    own: int = 0
    calls: set[str] = field(default_factory=set)
    jumps: set[str] = field(default_factory=set)
    frame: list[int] = field(default_factory=list)
    moves_stack: bool = False


class UnboundedStackError(Exception):
    """The program's stack has no bound that can be computed."""


def read(lines: list[str]) -> dict[str, Function]:
    """The functions of a disassembly."""
    functions: dict[str, Function] = {}
    name = ""
    for line in lines:
        if match := FUNCTION.match(line):
            name = match[1]
            functions[name] = Function()
        elif name and (match := INSTRUCTION.match(line)):
            count(functions[name], name, match[1], match[2] or "", match[3] or "")
    return functions


def count(function: Function, name: str, operation: str, operands: str, comment: str) -> None:
    """Counts one instruction."""
    target = TARGET.search(comment) or TARGET.search(operands)
    if operation == "push":
        function.own += 1
    elif operation in ("call", "rcall"):
        count_call(function, operands, target)
    elif operation in ("jmp", "rjmp") and target and target[1] != name:
        function.jumps.add(target[1])
    elif operation == "icall" or (operation == "ijmp" and name not in KNOWN_IJMP):
        raise UnboundedStackError(f"{name} calls through a pointer")
    count_frame(function, operation, operands)


def count_call(function: Function, operands: str, target: re.Match[str] | None) -> None:
    """A call of another function, or gcc's way to make room for two bytes."""
    if operands.strip() == ".+0":
        function.own += RETURN_ADDRESS
    elif target:
        function.calls.add(target[1])


KNOWN_IJMP = {"__tablejump2__", "__prologue_saves__"}
"""A switch's table stays within its function; gcc's shared prologue returns to its caller."""


def count_frame(function: Function, operation: str, operands: str) -> None:
    """Watches `sbiw r28, n` or `subi r28, n; sbci r29, m`, which make room for locals."""
    if operation in ("sbiw", "subi") and operands.startswith("r28,"):
        function.frame.append(int(operands.split(",")[1], 0))
    elif operation == "sbci" and operands.startswith("r29,") and function.frame:
        function.frame[-1] += int(operands.split(",")[1], 0) << 8
    elif operation == "out" and operands.startswith("0x3d,"):
        function.moves_stack = True


def own_bytes(function: Function) -> int:
    """Pushes and the largest frame; a frame given back (as a negative number) does not count."""
    frames = [size for size in function.frame if function.moves_stack and size < RAM_BYTES]
    return function.own + max(frames, default=0)


def depth(functions: dict[str, Function], name: str, above: tuple[str, ...] = ()) -> int:
    """The bytes below the return address of a function when its deepest callee runs."""
    if name in above:
        raise UnboundedStackError(f"recursion: {' -> '.join((*above, name))}")
    if name not in functions:
        return 0
    function = functions[name]
    path = (*above, name)
    called = [RETURN_ADDRESS + depth(functions, call, path) for call in function.calls]
    jumped = [depth(functions, jump, path) for jump in function.jumps]
    return own_bytes(function) + max([*called, *jumped], default=0)


def main() -> int:
    """Prints the bound, or why there is none; argument: bytes of static data."""
    functions = read(sys.stdin.read().splitlines())
    interrupts = [name for name in functions if re.fullmatch(r"__vector_\d+", name)]
    try:
        main_bytes = RETURN_ADDRESS + depth(functions, "main")
        interrupt_bytes = RETURN_ADDRESS + max(depth(functions, name) for name in interrupts)
    except UnboundedStackError as error:
        print(f"stack: {error}", file=sys.stderr)
        return 1
    stack_bytes = main_bytes + interrupt_bytes
    free_bytes = RAM_BYTES - int(sys.argv[1]) - stack_bytes
    print(
        f"stack {stack_bytes} bytes at most ({main_bytes} main loop, {interrupt_bytes} interrupt), "
        f"no recursion; {free_bytes} bytes never touched"
    )
    if free_bytes < RESERVE_BYTES:
        print(f"stack: at least {RESERVE_BYTES} bytes must stay untouched", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
