"""Who may import whom: in shared/ and training/ by layers, and a service knows no other service."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.services import LISTING, REPOSITORY
from tools.service_list.listing import Service

LAYERS = ("contract", "base", "bus", "service")
"""Lowest first: each imports only itself and those before it."""
BESIDE = "soundscapes"
"""What only those have who make sound: it stands on `contract` and `base`, and no layer on it."""

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
    found = {path.name for path in (REPOSITORY / "shared/src/calmloop").iterdir()}
    assert found == {*LAYERS, BESIDE}


def test_what_stands_beside_the_layers_needs_no_bus() -> None:
    assert packages(REPOSITORY / "shared/src/calmloop" / BESIDE) <= {"contract", "base", BESIDE}


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


FACADES = {service.module for service in LISTING.services}
TOOLS = sorted((REPOSITORY / "tools/src").rglob("*.py"))


def facade_imports(file: Path) -> Iterator[tuple[str, str]]:
    """The service, or the module of one, that a file imports from, with each name."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            several = [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            several = [(str(node.module), alias.name) for alias in node.names]
        else:
            continue
        yield from (one for one in several if service_of(one[0]))


def service_of(module: str) -> str:
    """The service that a module is of; empty if it is of none."""
    top, _, rest = module.partition(".")
    name = rest.partition(".")[0]
    return name if top == "calmloop" and name in FACADES else ""


def test_the_tools_take_of_a_service_what_its_package_hands_on_and_no_more() -> None:
    taken = {(file, *names) for file in TOOLS for names in facade_imports(file)}
    assert len(taken) > 20
    inside = {
        f"{file.relative_to(REPOSITORY)}: {module}.{name}"
        for file, module, name in taken
        if module != f"calmloop.{service_of(module)}" or name not in import_module(module).__all__
    }
    assert not inside


@pytest.mark.parametrize("module", sorted(FACADES))
def test_what_a_package_hands_on_is_there(module: str) -> None:
    package = import_module(f"calmloop.{module}")
    for name in getattr(package, "__all__", ()):
        assert getattr(package, name).__class__, name
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = package.no_such_name


LOADED = """
import sys
from importlib import import_module
before = set(sys.modules)
import_module("calmloop.{module}.settings")
print(*{{name.partition(".")[0] for name in set(sys.modules) - before}})
"""
OF_INIT = REPOSITORY / "requirements" / "compose-init.txt"


@pytest.mark.parametrize("module", sorted(FACADES))
def test_settings_are_read_without_the_services_own_libraries(module: str) -> None:
    """Under Compose `init` reads them, in whose image those libraries are not."""
    code = LOADED.format(module=module)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split()) - set(sys.stdlib_module_names)
    homes = packages_distributions()
    needed = {home.lower().replace("_", "-") for name in loaded for home in homes.get(name, ())}
    installed = set(re.findall(r"^([\w.-]+)==", OF_INIT.read_text().lower(), re.MULTILINE))
    assert {"cv2", "numpy"}.isdisjoint(loaded)
    assert {name for name in needed if not name.startswith("calmloop")} <= installed
