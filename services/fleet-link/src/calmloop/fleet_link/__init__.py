"""Brings what waits in the session log to the centre of a fleet.

What tools may use of this service stands below, loaded when it is first used.
"""

from typing import TYPE_CHECKING

from calmloop.base.lazy import lazy_names

if TYPE_CHECKING:
    from calmloop.fleet_link.centre import MAX_RECONNECT_S, MIN_RECONNECT_S
    from calmloop.fleet_link.enrolling import enrol

MODULES = {"centre": ("MAX_RECONNECT_S", "MIN_RECONNECT_S"), "enrolling": ("enrol",)}

__all__ = ["MAX_RECONNECT_S", "MIN_RECONNECT_S", "enrol"]

__getattr__ = lazy_names(__name__, MODULES)
