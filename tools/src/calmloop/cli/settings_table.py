"""`calmloop settings`: what can be set, as Markdown tables made from the services' own models."""

import importlib
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from calmloop.base.settings import ServiceSettings
from calmloop.cli.failures import EXIT_CONFIGURATION, say
from calmloop.contract.topics import SERVICES

HEADINGS = ("key", "default", "values", "meaning")
COMMON = "every service"
BOUNDS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}


def settings(
    service: Annotated[
        str | None, typer.Argument(help="One service; all of them if left out.")
    ] = None,
) -> None:
    """Prints every setting with its default, its values and its meaning.

    Exit code 2: no service has that name.
    """
    if service is not None and service not in SERVICES:
        say(f"no service '{service}': known are {', '.join(sorted(SERVICES))}", failed=True)
        raise typer.Exit(EXIT_CONFIGURATION)
    typer.echo(markdown([service] if service else [COMMON, *sorted(SERVICES)]))


def markdown(names: list[str]) -> str:
    """A heading and a table for each of them."""
    return "\n\n".join(f"### {name}\n\n{_table(name)}" for name in names)


def _table(name: str) -> str:
    rows = list(_common_rows() if name == COMMON else _service_rows(name))
    if not rows:
        return "No settings of its own."
    lines = [HEADINGS, ("---",) * len(HEADINGS), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _common_rows() -> Iterator[tuple[str, ...]]:
    yield from _rows(ServiceSettings, "")


def _service_rows(service: str) -> Iterator[tuple[str, ...]]:
    section = service.replace("-", "_")
    model = importlib.import_module(f"calmloop.{section}.settings").Settings
    yield from _rows(model.model_fields[section].annotation, f"{section}.")


def _rows(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, ...]]:
    for key, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _rows(field.annotation, f"{prefix}{key}.")
        else:
            yield (
                f"`{prefix}{key}`",
                _default(field),
                _values(field),
                (field.description or "").replace("|", "\\|"),
            )


def _default(field: FieldInfo) -> str:
    """As it is written in YAML; what depends on the machine is told by its meaning."""
    value = field.default
    if field.default_factory is not None:
        return "of this machine"
    if value is None:
        return "none"
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        value = str(value).lower()
    if isinstance(value, Path):
        value = value.name
    if isinstance(value, tuple):
        value = ", ".join(str(part) for part in value)
    return f"`{value}`" if value != "" else "empty"


def _values(field: FieldInfo) -> str:
    kind = _without_none(field.annotation)
    if kind is bool:
        return "`false`, `true`"
    if get_origin(kind) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(f"`{member.value}`" for member in kind)
    bounds = [
        f"{sign} {bound:.10g}"
        for rule in field.metadata
        for name, sign in BOUNDS.items()
        if (bound := getattr(rule, name, None)) is not None
    ]
    return ", ".join(bounds)


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in {Union, UnionType}:
        return next(part for part in get_args(annotation) if part is not type(None))
    return annotation
