"""What an error may show of a value: nothing of a field that may hold a secret."""

import re
from typing import Any

from pydantic import BaseModel

MAY_HOLD_SECRET = "may hold a secret"
"""Marks a field, in its Annotated, whose value no text may show."""
HARMLESS = re.compile(r"[\w ./\[\]+-]{0,64}")
"""Texts without what separates the parts of an address, a query or a login."""
NOT_SHOWN = "(not shown: it may hold a password)"


def is_model(annotation: Any) -> bool:
    """Whether it is a section of the settings, and no single value."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def shown(value: object, annotation: Any) -> str:
    """A value as an error may print it: only what cannot be a secret, of a field that holds none.

    A key that nobody knows may be a camera's address under a mistyped name.
    """
    if annotation is None or _may_hold_secret(annotation) or isinstance(value, list | dict):
        return NOT_SHOWN
    return repr(value) if HARMLESS.fullmatch(str(value)) else NOT_SHOWN


def annotation_at(model: Any, keys: list[str]) -> Any:
    """What stands at a place of the settings: a model, a type, MAY_HOLD_SECRET, or None."""
    for key in keys:
        if not is_model(model):
            return model  # an item of a list
        if key not in model.model_fields:
            return None
        field = model.model_fields[key]
        model = MAY_HOLD_SECRET if MAY_HOLD_SECRET in field.metadata else field.annotation
    return model


def _may_hold_secret(annotation: Any) -> bool:
    return annotation == MAY_HOLD_SECRET or (
        is_model(annotation)
        and any(MAY_HOLD_SECRET in field.metadata for field in annotation.model_fields.values())
    )
