"""One name, one meaning: classes are named once in the repository, and errors hang on one tree."""

import ast
import builtins
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.services import LISTING, REPOSITORY

SOURCES = (
    "shared/src",
    *(f"{service.folder}/src" for service in LISTING.services),
    "firmware-bridge/src",
    "tools/reports/src",
    "tools/src",
    "compose",
)
WIRE = "the chair's bytes, beside what the bus or the link makes of them"
SAME = {
    "Settings": "of one service each, loaded by its own `__main__`",
    "Ack": WIRE,
    "Identity": WIRE,
    "Inputs": WIRE,
    "Lease": WIRE,
    "Setpoint": WIRE,
}
"""Names that stand in several places on purpose, with the reason."""

ROOTS = {
    "CalmloopError": "of all that knows shared/",
    "ChairLinkError": "firmware-bridge is installed without shared/",
    "EmulatorError": "the same",
    "ReportError": "tools/reports/ is installed without shared/",
}
"""The trees that exceptions hang on."""


def classes() -> Iterator[tuple[Path, ast.ClassDef]]:
    """The public classes at the top of every module, with the module's file."""
    for source in SOURCES:
        for file in sorted((REPOSITORY / source).rglob("*.py")):
            for node in ast.parse(file.read_text()).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    yield file.relative_to(REPOSITORY), node


def test_no_public_class_is_named_as_another() -> None:
    files = defaultdict(list)
    for file, node in classes():
        files[node.name].append(str(file))
    several = {name: where for name, where in files.items() if len(where) > 1}
    assert {name: several[name] for name in several.keys() - SAME.keys()} == {}
    assert set(SAME) <= set(several)


def test_every_exception_ends_in_error_and_hangs_on_a_tree() -> None:
    bases = {
        node.name: {ast.unparse(b).split(".")[-1] for b in node.bases} for _, node in classes()
    }

    def ancestors(name: str) -> set[str]:
        parents = bases.get(name, set()) - {name}
        return parents.union(*(ancestors(parent) for parent in parents))

    raised = {name for name in bases if any(map(_is_exception, ancestors(name)))}
    lost = {
        name
        for name in raised
        if not name.endswith("Error") or not ROOTS.keys() & {name, *ancestors(name)}
    }
    assert ROOTS.keys() <= raised
    assert lost == set()


def test_no_name_that_is_loaded_late_is_that_of_a_module() -> None:
    """Else the name means the module as soon as anything imports that."""
    late = [
        file
        for source in SOURCES
        for file in (REPOSITORY / source).rglob("__init__.py")
        if "lazy_names(" in file.read_text()
    ]
    hidden = {
        f"{file.parent.name}.{name}"
        for file in late
        for name in _handed_on(file)
        if {f"{name}.py", name} & {path.name for path in file.parent.iterdir()}
    }
    assert hidden == set()
    assert "calmloop/session_log/__init__.py" in "\n".join(map(str, late))


def _handed_on(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)


def _is_exception(name: str) -> bool:
    known = getattr(builtins, name, None)
    return isinstance(known, type) and issubclass(known, BaseException)
