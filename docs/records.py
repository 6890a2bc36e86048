"""Prints the records of numbers that a module defines, those of a kind beside one another.

`docs/records.py MODULE`, for a page of the site: a table for each dictionary of dataclasses, and
one for the others. What a field means is taken from its class, what a record is of from the
comment above it.
"""

import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

from pydantic import BaseModel

MEANING = re.compile(r"^ +(\w+): (.+(?:\n {9,}.+)*)", re.MULTILINE)
NAME = re.compile(r"^([A-Z][A-Z_]*)(?:: .+)? = ", re.MULTILINE)
COMMENT = re.compile(r"^ *# (.+)\n *(?:\w+\.)?(\w+)", re.MULTILINE)


def tables(module: ModuleType) -> Iterator[str]:
    """One for each set of records that the module itself names."""
    source = inspect.getsource(module)
    own = {name: vars(module)[name] for name in NAME.findall(source)}
    comments = {name: said for said, name in COMMENT.findall(source)}
    alone = {name: value for name, value in own.items() if _is_record(value)}
    for records in filter(_are_records, own.values()):
        for key, record in records.items():
            for name in _named(alone, record):
                comments[str(key).upper()] = comments.get(name, "")
                del alone[name]
        yield "\n".join(_rows(records, comments))
    if alone:
        yield "\n".join(_rows(alone, comments))


def _named(alone: Mapping[str, Any], record: Any) -> list[str]:
    """Under which names of its own a record stands."""
    return [name for name, value in alone.items() if value is record]


def _is_record(value: Any) -> bool:
    return is_dataclass(value) and not isinstance(value, type)


def _are_records(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and all(map(_is_record, value.values()))


def _rows(records: Mapping[Any, Any], comments: Mapping[str, str]) -> Iterator[str]:
    names = [str(name) for name in records]
    yield f"| | {' | '.join(names)} |"
    yield f"| --- |{' --- |' * len(names)}"
    of_what = [comments.get(name.upper(), "") for name in names]
    if any(of_what):
        yield f"| what | {' | '.join(of_what)} |"
    first = type(next(iter(records.values())))
    base = next(each for each in reversed(first.__mro__) if is_dataclass(each))
    meanings = dict(MEANING.findall(base.__doc__ or ""))
    for field in fields(base):
        values = [_value(getattr(record, field.name)) for record in records.values()]
        meaning = " ".join(meanings[field.name].split())
        yield f"| `{field.name}`: {meaning} | {' | '.join(values)} |"


def _value(value: Any) -> str:
    if isinstance(value, BaseModel):
        return "<br>".join(f"{name} {_value(inner)}" for name, inner in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    print("\n\n".join(tables(import_module(sys.argv[1]))))
