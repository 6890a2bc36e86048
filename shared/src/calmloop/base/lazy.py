"""Loads a module when something of it is first used.

Settings are read where the libraries of a service are not installed (`init` under Compose), and by
commands that need none of them: what a settings module imports must not load OpenCV or numpy.
"""

import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any


class _LazyModule(ModuleType):
    """Stands for a module until something of it is used."""

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self.__name__), name)


def lazy_module(name: str) -> Any:
    """A stand-in for a module, which is imported by the first use of one of its attributes.

    Args:
        name: The module's full name; nothing is looked for yet, so it need not be installed.
    """
    return _LazyModule(name)


def lazy_names(package: str, modules: Mapping[str, Iterable[str]]) -> Callable[[str], Any]:
    """The `__getattr__` of a package whose public names stand in modules that are slow to import.

    Args:
        package: Its `__name__`.
        modules: By the name of the module in the package: the names that the package hands on.

    Raises:
        AttributeError: from the returned function, for a name that no module has.
    """
    homes = {name: f"{package}.{module}" for module, names in modules.items() for name in names}

    def load(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(homes[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    return load
