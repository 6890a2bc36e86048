"""Every service has one shape: whoever has read one finds the way in the others."""

import ast
from pathlib import Path

import pytest

from tests.services import LISTING, REPOSITORY
from tests.unit.packaging.test_layers import imported
from tools.service_list.listing import Service

FILES = ("__init__.py", "__main__.py", "settings.py", "service.py", "py.typed")
SHELL = ("service.py", "__main__.py")
"""These alone know the bus, or the runtime."""
EACH = pytest.mark.parametrize("service", LISTING.services, ids=lambda service: service.name)


def package(service: Service) -> Path:
    return REPOSITORY / service.folder / "src" / "calmloop" / service.module


def classes(file: Path) -> list[str]:
    return [
        node.name for node in ast.parse(file.read_text()).body if isinstance(node, ast.ClassDef)
    ]


def pascal(service: Service) -> str:
    return service.name.title().replace("-", "")


@EACH
def test_a_service_has_the_files_of_every_service(service: Service) -> None:
    assert [name for name in FILES if not (package(service) / name).is_file()] == []


@EACH
def test_the_shell_and_the_settings_are_named_after_the_service(service: Service) -> None:
    assert f"{pascal(service)}Service" in classes(package(service) / "service.py")
    assert {f"{pascal(service)}Section", "Settings"} <= set(
        classes(package(service) / "settings.py")
    )


@EACH
def test_what_decides_knows_no_bus_and_no_clock_of_its_own(service: Service) -> None:
    core = [file for file in package(service).rglob("*.py") if file.name not in SHELL]
    assert core
    for file in core:
        names = set(imported(file))
        bus = {name for name in names if name.startswith(("calmloop.bus", "calmloop.service"))}
        assert not bus, f"{file} is not the shell"
        clocks = {"time", "calmloop.base.clock.SystemClock"} & names
        assert not clocks, f"{file}: be handed a Clock, or the time"
