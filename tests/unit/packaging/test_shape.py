"""Files and functions stay short enough to be read in one go, and have few branches."""

import ast
from collections.abc import Iterator

import pytest
from radon.complexity import cc_visit_ast

from tests.tree import ROOT, tree

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 60
MAX_COMPLEXITY = 10
"""Of a radon block: up to here it ranks as A or B."""

EXCEPTIONS: dict[str, str] = {}
"""Why a file, or a function of one, may be longer or have more branches."""

PYTHON = [name for name in tree() if name.endswith(".py")]


def source(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


GENERATED = {name for name in PYTHON if "Written by `make protocol`" in source(name)[:300]}
WRITTEN = [name for name in PYTHON if name not in GENERATED]


def too_long(name: str, text: str, parsed: ast.Module) -> Iterator[str]:
    """The file and the functions in it that have too many lines."""
    if (lines := len(text.splitlines())) > MAX_FILE_LINES:
        yield f"{name} has {lines} lines"
    for node in ast.walk(parsed):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            if (lines := node.end_lineno - node.lineno + 1) > MAX_FUNCTION_LINES:
                yield f"{name}::{node.name} has {lines} lines"


def too_branched(name: str, parsed: ast.Module) -> Iterator[str]:
    """Its functions, methods and classes with too many branches.

    An assertion of a test is what the test is for, and no branch; elsewhere it is counted.
    """
    for block in cc_visit_ast(parsed, no_assert=name.startswith("tests/")):
        if block.complexity > MAX_COMPLEXITY:
            yield f"{name}::{block.name} has a complexity of {block.complexity}"


def excess(name: str, text: str) -> list[str]:
    parsed = ast.parse(text)
    return [*too_long(name, text, parsed), *too_branched(name, parsed)]


def test_files_and_functions_are_short_and_have_few_branches() -> None:
    told = [line for name in WRITTEN for line in excess(name, source(name))]
    assert not [line for line in told if line.partition(" has ")[0] not in EXCEPTIONS]
    assert {line.partition(" has ")[0] for line in told} == set(EXCEPTIONS), "no exception is idle"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x = 1\n" * 301, "a.py has 301 lines"),
        ("def f():\n" + "    x = 1\n" * 60, "a.py::f has 61 lines"),
        ("def f(x):\n" + "    if x:\n        x = 1\n" * 10, "a.py::f has a complexity of 11"),
        ("def f():\n" + "    assert 1\n" * 10, "a.py::f has a complexity of 11"),
    ],
)
def test_what_is_too_much_is_found(text: str, line: str) -> None:
    assert excess("a.py", text) == [line]


def test_assertions_of_a_test_are_no_branches() -> None:
    assert excess("tests/a.py", "def test_it():\n" + "    assert 1\n" * 20) == []


def test_what_is_generated_is_left_out() -> None:
    assert "tests/unit/firmware_core/wire_structs.py" in GENERATED
