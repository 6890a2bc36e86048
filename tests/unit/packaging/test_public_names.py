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

TO_RENAME = {
    "Calibration": "services/emotion-classifier",
    "Figures": "firmware-bridge",
    "Frame": "services/camera, services/face-detector",
    "Health": "services/safety-watchdog",
    "Presence": "services/scenario-selector",
    "Reading": "services/scenario-selector, tools/cli/sweep.py",
    "Step": "tools/cli/sweep.py",
}
"""Names with two meanings today, and whose folder is to choose another: nothing is added here."""

OFF_THE_TREE: dict[str, str] = {
    "BadFrame": "firmware-bridge",
    "BadMessage": "firmware-bridge",
    "EmulatorFailed": "firmware-bridge",
    "Implausible": "firmware-bridge",
    "NoPort": "firmware-bridge",
    "AccelerometerFailure": "tools/cli/accelerometer.py",
    "BadMeasurement": "tools/cli/measurements.py",
    "ChairFailure": "tools/cli/chair_bench.py",
}
"""Exceptions that do not end in Error or do not come from CalmloopError yet; as above."""


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
    assert {name: several[name] for name in several.keys() - SAME.keys() - TO_RENAME.keys()} == {}
    assert set(SAME) <= set(several)


def test_every_exception_ends_in_error_and_is_a_calmloop_error() -> None:
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
        if not name.endswith("Error") or "CalmloopError" not in {name, *ancestors(name)}
    }
    assert "CalmloopError" in raised
    assert lost - set(OFF_THE_TREE) == set()


def _is_exception(name: str) -> bool:
    known = getattr(builtins, name, None)
    return isinstance(known, type) and issubclass(known, BaseException)
