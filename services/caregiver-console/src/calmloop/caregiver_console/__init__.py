"""The pages of caregiver and child: what they see and what they may ask of the chair.

What tools may use of this service stands below; each name is loaded when it is first used, since
settings are read without what hashes PINs.
"""

from typing import TYPE_CHECKING

from calmloop.base.lazy import lazy_names

if TYPE_CHECKING:
    from calmloop.caregiver_console.actors import Role
    from calmloop.caregiver_console.app import openapi_document
    from calmloop.caregiver_console.enrol import asked_pin
    from calmloop.caregiver_console.people import UserFile
    from calmloop.caregiver_console.settings import Settings

__all__ = ["Role", "Settings", "UserFile", "asked_pin", "openapi_document"]

__getattr__ = lazy_names(
    __name__,
    {
        "actors": ("Role",),
        "app": ("openapi_document",),
        "enrol": ("asked_pin",),
        "people": ("UserFile",),
        "settings": ("Settings",),
    },
)
