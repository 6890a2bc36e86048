"""Looks at a camera source before anything is started for it."""

from contextlib import suppress
from pathlib import Path

from calmloop.base.clock import SystemClock
from calmloop.base.errors import CalmloopError, DeviceError, InputError
from calmloop.camera import Source, named_source

LOOKED_AT = 100
"""So many pictures may be damaged before a source is said to hold none."""


def look_at(source: str) -> str:
    """Opens a source and sees one picture of it; what it is called, without credentials.

    An address is not opened: some streamers serve one client once, and that is the camera service.

    Raises:
        InputError: it is not there, or gives no picture; the text names it.
    """
    try:
        opened = named_source(source, SystemClock())
        if "://" in source:
            return opened.origin
        _see_one(opened)
    except InputError:
        raise
    except CalmloopError as error:
        raise InputError(f"--source: {str(error).removeprefix('source: ')}") from None
    return source


def absolute(source: str) -> str:
    """A path as it is for processes that run elsewhere; anything else as it is."""
    with suppress(OSError, ValueError):
        if source and Path(source).exists():
            return str(Path(source).absolute())
    return source


def _see_one(opened: Source) -> None:
    try:
        opened.open()
        for _ in range(LOOKED_AT):
            if not opened.grab():
                break
            if opened.picture() is not None:
                return
    finally:
        opened.close()
    raise DeviceError(f"{opened.origin} holds no picture that can be read: name another")
