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
PROFILE = "profile"
"""Of a child: no section of calmloop.yaml, but a file of its own."""
BOUNDS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}


def settings(
    service: Annotated[
        str | None,
        typer.Argument(help=f"One service, or `{PROFILE}`; all of them if left out."),
    ] = None,
) -> None:
    """Prints every setting with its default, its values and its meaning, a child's profile last.

    Exit code 2: no service has that name.
    """
    known = [*sorted(SERVICES), PROFILE]
    if service is not None and service not in known:
        say(f"no service '{service}': known are {', '.join(known)}", failed=True)
        raise typer.Exit(EXIT_CONFIGURATION)
    typer.echo(markdown([service] if service else [COMMON, *known]))


def markdown(names: list[str]) -> str:
    """A heading and a table for each of them."""
    return "\n\n".join(f"### {name}\n\n{_table(name)}" for name in names)


def _table(name: str) -> str:
    rows = list(_rows_of(name))
    if not rows:
        return "No settings of its own."
    lines = [HEADINGS, ("---",) * len(HEADINGS), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _rows_of(name: str) -> Iterator[tuple[str, ...]]:
    if name == COMMON:
        return _rows(ServiceSettings, "")
    if name == PROFILE:
        return _rows(importlib.import_module("calmloop.scenario_selector").Profile, "")
    section = name.replace("-", "_")
    model = importlib.import_module(f"calmloop.{section}.settings").Settings
    return _rows(model.model_fields[section].annotation, f"{section}.")


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
    return "empty" if value in ("", frozenset(), {}) else f"`{value}`"


def _values(field: FieldInfo) -> str:
    kind = _without_none(field.annotation)
    if get_origin(kind) is frozenset:
        return f"a list{_of_enum(get_args(kind)[0])}"
    if get_origin(kind) is dict:
        key, value = get_args(kind)
        return f"by key{_of_enum(key)}: one{_of_enum(value)}"
    if kind is bool:
        return "`false`, `true`"
    if get_origin(kind) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(kind))
    if members := _members(kind):
        return members
    bounds = [
        f"{sign} {bound:.10g}"
        for rule in field.metadata
        for name, sign in BOUNDS.items()
        if (bound := getattr(rule, name, None)) is not None
    ]
    return ", ".join(bounds)


def _members(kind: Any) -> str:
    """The values of an enumeration; empty for anything else."""
    if not (isinstance(kind, type) and issubclass(kind, Enum)):
        return ""
    return ", ".join(f"`{member.value}`" for member in kind)


def _of_enum(kind: Any) -> str:
    members = _members(kind)
    return f" of {members}" if members else ""


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in {Union, UnionType}:
        return next(part for part in get_args(annotation) if part is not type(None))
    return annotation
