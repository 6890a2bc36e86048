"""Backends: one file each, with its settings and its class; one key of a section chooses.

A section is a union of its backends' settings, discriminated by that key: the key says which of
them counts. What a file of the backends' package defines is found by looking into the package.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any, ClassVar, Generic, Literal, TypeVar, cast

from pydantic import create_model
from pydantic.fields import FieldInfo

from calmloop.base.settings import Section

AUTO = "auto"


class Backend(Section):
    """Settings of one backend; a stage's own base adds how it is made from them.

    Its file is imported to read settings, so that it must load no library that only its class
    needs: see `calmloop.base.lazy`.

    Attributes:
        backend: What the key says to choose it; with _ for - the name of its own section.
        auto_rank: Its place, lowest first, among those that `auto` tries; None: only by name.
    """

    backend: ClassVar[str]
    auto_rank: ClassVar[int | None] = None

    @property
    def is_set_up(self) -> bool:
        """Whether `auto` may try it: what it cannot do without is set."""
        return True


BackendT = TypeVar("BackendT", bound=Backend)
SectionT = TypeVar("SectionT", bound=Section)


class Backends(Generic[BackendT]):
    """The backends of a stage, as the files of one package define them."""

    def __init__(self, base: type[BackendT], package: str, key: str) -> None:
        """Looks into a package.

        Args:
            base: What every backend of the stage derives from.
            package: Full name of the package that holds one file a backend.
            key: The key of the section that names the one to take, or `auto`.
        """
        found = [
            value
            for module in modules_of(package)
            for value in vars(module).values()
            if isinstance(value, type) and issubclass(value, base)
            if value.__module__ == module.__name__ and hasattr(value, "backend")
        ]
        self._by_name = {backend.backend: backend for backend in sorted(found, key=_rank)}
        self._key = key

    def joined(self, section: type[SectionT]) -> type[SectionT]:
        """Class decorator: the section with a part for each backend that has settings.

        Its key takes the backends' names, and `auto`.
        """
        parts: dict[str, Any] = {
            _part(name): (backend, backend())
            for name, backend in self._by_name.items()
            if backend.model_fields
        }
        names: Any = (AUTO, *self._by_name)
        literal: Any = Literal
        parts[self._key] = (literal[names], _copied(section.model_fields[self._key]))
        joined: type[SectionT] = create_model(
            section.__name__,
            __base__=section,
            __module__=section.__module__,
            __doc__=section.__doc__,
            **parts,
        )
        return joined

    def chosen(self, section: Section) -> list[BackendT]:
        """The settings of the backend that the section's key names.

        For `auto`: of those that are set up, the one to try first first.
        """
        name = getattr(section, self._key)
        if name != AUTO:
            return [self._settings(section, name)]
        ranked = (name for name, backend in self._by_name.items() if backend.auto_rank is not None)
        every = (self._settings(section, name) for name in ranked)
        return [settings for settings in every if settings.is_set_up]

    def _settings(self, section: Section, name: str) -> BackendT:
        settings: BackendT = getattr(section, _part(name), None) or self._by_name[name]()
        return settings


def modules_of(package: str) -> Iterator[ModuleType]:
    """The modules of a package, by name."""
    for entry in iter_modules(import_module(package).__path__):
        yield import_module(f"{package}.{entry.name}")


def merged(parts: list[type[Section]]) -> Callable[[type[SectionT]], type[SectionT]]:
    """Class decorator: the section with the keys of all these as its own."""

    def merge(section: type[SectionT]) -> type[SectionT]:
        bases: Any = (
            section,
            *(part for part in dict.fromkeys(parts) if not issubclass(section, part)),
        )
        joined = create_model(
            section.__name__, __base__=bases, __module__=section.__module__, __doc__=section.__doc__
        )
        return cast(type[SectionT], joined)

    return merge


def _rank(backend: type[Backend]) -> tuple[float, str]:
    rank = backend.auto_rank
    return (float("inf") if rank is None else rank, backend.backend)


def _part(name: str) -> str:
    return name.replace("-", "_")


def _copied(field: FieldInfo) -> Any:
    return FieldInfo(default=field.default, description=field.description)
