"""The texts of a release: what the interfaces say of themselves, and what has changed."""

import json
import re
from typing import Any

from calmloop import caregiver_console, session_log
from calmloop.base.clock import SystemClock
from calmloop.schema.asyncapi import document
from tools.release.checkout import Checkout
from tools.release.errors import CannotReleaseError

UNRELEASED = "Unreleased"


def interface_texts() -> dict[str, str]:
    """The documents by their file's name."""
    documents = {
        "asyncapi.json": document(),
        "openapi-caregiver-console.json": caregiver_console.openapi_document(SystemClock()),
        "openapi-session-log.json": session_log.openapi_document(),
    }
    return {name: json_text(body) for name, body in documents.items()}


def json_text(body: dict[str, Any]) -> str:
    """As every JSON of a release is written."""
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


def changes(changelog: str, version: str) -> str:
    """The section of a version, else of what is not released yet.

    Raises:
        CannotReleaseError: there is neither.
    """
    sections = re.split(r"^## +", changelog, flags=re.MULTILINE)[1:]
    by_title = {section.partition("\n")[0].split()[0].strip("[]"): section for section in sections}
    found = by_title.get(version) or by_title.get(UNRELEASED)
    if found is None:
        raise CannotReleaseError(f"CHANGELOG.md: has no section '{version}' or '{UNRELEASED}'")
    return f"# {found.strip()}\n"


def about(
    checkout: Checkout,
    firmware: dict[str, str],
    signed: bool,
    compose: str,
    images: dict[str, str] | None,
) -> dict[str, Any]:
    """What a program wants to know of the release first; `calmloop device` reads it."""
    return {
        "version": checkout.version,
        "commit": checkout.commit,
        "modified": checkout.modified,
        "source_date_epoch": checkout.epoch,
        "signed": signed,
        "firmware": firmware,
        "compose": compose,
        "images": images,
    }
