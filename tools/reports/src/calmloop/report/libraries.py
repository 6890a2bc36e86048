"""The libraries that render: imported when one is used, and named where it is missing."""

from importlib import import_module
from typing import Any

from calmloop.report.errors import RendererError

PANGO = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
"""Packages of Debian."""


ALL = ("babel", "font_source_sans_pro", "jinja2", "matplotlib", "weasyprint")


def load_all() -> None:
    """Loads each of them, as a report would.

    Raises:
        RendererError: the first that is missing.
    """
    for name in ALL:
        library(name)


def library(name: str) -> Any:
    """A module of one.

    Raises:
        RendererError: it is not installed, or a library of the system that it needs is not.
    """
    try:
        return import_module(name)
    except ImportError:
        raise RendererError(
            f"reports need {name.partition('.')[0]}, which is not installed here: `make reports`"
            " installs it"
        ) from None
    except OSError as error:
        raise RendererError(
            f"{name} finds no library of the system that it needs ({_first_line(error)}):"
            f" `make reports` installs them, or on Debian: apt-get install {PANGO}"
        ) from None


def _first_line(error: OSError) -> str:
    return str(error).strip().partition("\n")[0][:200]
