"""Who may import whom: in shared/ and training/ by layers, and a service knows no other service."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services import LISTING, REPOSITORY
from tools.service_list.listing import Service

LAYERS = ("contract", "base", "bus", "service")
"""Lowest first: each imports only itself and those before it."""

ROOMS = ("data", "augment", "networks", "tflite", "measure", "learn", "export", "commands")
"""Of training/, by the same rule."""
TRAINING = REPOSITORY / "tools/src/calmloop/training"


def imported(file: Path) -> Iterator[str]:
    """The modules that a file imports, also inside functions: `calmloop.base.clock`, and so on."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import hides where its name comes from"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def packages(folder: Path) -> set[str]:
    """The packages of this project that the files of a folder import."""
    names = (name.split(".") for file in folder.rglob("*.py") for name in imported(file))
    return {parts[1] for parts in names if parts[0] == "calmloop" and len(parts) > 1}


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_imports_only_those_below_it(layer: str) -> None:
    known = set(LAYERS[: LAYERS.index(layer) + 1])
    assert packages(REPOSITORY / "shared/src/calmloop" / layer) <= known


def test_every_module_of_shared_is_in_a_layer() -> None:
    assert {path.name for path in (REPOSITORY / "shared/src/calmloop").iterdir()} == set(LAYERS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_of_training_imports_only_those_before_it(room: str) -> None:
    names = (name for file in (TRAINING / room).rglob("*.py") for name in imported(file))
    parts = {tuple(name.split(".")[:3]) for name in names if name.startswith("calmloop.training")}
    known = {("calmloop", "training", name) for name in ROOMS[: ROOMS.index(room) + 1]}
    assert parts <= known


def test_every_module_of_training_is_in_a_room() -> None:
    modules = {path.parent.name for path in TRAINING.rglob("*.py") if path.parent != TRAINING}
    assert modules == set(ROOMS)
    assert {path.name for path in TRAINING.glob("*.py")} == {"__init__.py", "__main__.py"}


@pytest.mark.parametrize("service", LISTING.services, ids=lambda service: service.name)
def test_a_service_imports_no_other_service(service: Service) -> None:
    others = {other.module for other in LISTING.services} - {service.module}
    assert not packages(REPOSITORY / service.folder / "src") & others
