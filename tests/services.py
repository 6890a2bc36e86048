"""Every service of the list, found by its name as the runtime and the settings' check find it."""

import importlib
import inspect
from pathlib import Path
from typing import Any

from calmloop.base.settings import ServiceSettings
from calmloop.contract.topics import Account
from calmloop.service.runtime import Service
from tools.service_list.listing import Listing, read

REPOSITORY = Path(__file__).resolve().parent.parent
LISTING: Listing = read(REPOSITORY)


def settings_type(account: Account) -> type[ServiceSettings]:
    """The service's settings model."""
    found: type[ServiceSettings] = _module(account, "settings").Settings
    return found


def service_type(account: Account) -> type[Service]:
    """The one class of its `service.py` that the runtime can run."""
    module = _module(account, "service")
    wanted = ("turn", "discard", "close")
    found: Any
    (found,) = (
        member
        for _, member in inspect.getmembers(module, inspect.isclass)
        if member.__module__ == module.__name__ and all(hasattr(member, name) for name in wanted)
    )
    built: type[Service] = found
    return built


def _module(account: Account, name: str) -> Any:
    return importlib.import_module(f"calmloop.{account.replace('-', '_')}.{name}")
