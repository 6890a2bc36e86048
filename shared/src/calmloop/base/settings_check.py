"""Would every service accept these settings?"""

import importlib
from pathlib import Path

from calmloop.base import settings
from calmloop.base.errors import ConfigurationError
from calmloop.base.settings import ServiceSettings
from calmloop.contract.topics import SERVICES


def all_faults(file: Path | None) -> list[str]:
    """What the services would say of a settings file and the CALMLOOP_* variables, each fault once.

    And of the files that these name, where a service reads some at its start.

    Needs the settings module of every service, not the services themselves.
    """
    return list(dict.fromkeys(fault for model in _models() for fault in _faults(model, file)))


def _models() -> list[type[ServiceSettings]]:
    modules = (f"calmloop.{service.replace('-', '_')}.settings" for service in sorted(SERVICES))
    return [importlib.import_module(module).Settings for module in modules]


def _faults(model: type[ServiceSettings], file: Path | None) -> list[str]:
    try:
        settings.load(model, file).check_files()
    except ConfigurationError as error:
        return str(error).splitlines()
    return []
