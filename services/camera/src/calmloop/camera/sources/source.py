"""What a source of pictures has to do."""

import os
from pathlib import Path
from typing import Protocol

from calmloop.camera.picture import Picture


class Source(Protocol):
    """A camera, or what stands for one. Used by one thread at a time; may be opened again.

    Attributes:
        origin: What it is, for people; without credentials.
        live: Whether silence or a still picture means that something is broken.
        pace_fps: Pictures a second at which `grab` wants to be called; None if it waits itself.
            Valid once open.
        play_s: When the picture grabbed last is due, in seconds since the first, never falling;
            None where `pace_fps` says it all.
    """

    origin: str
    live: bool
    pace_fps: float | None
    play_s: float | None

    def open(self) -> None:
        """Opens the device.

        Raises:
            DeviceError: it cannot be opened; says why and what to do.
        """

    def grab(self) -> bool:
        """Takes the next picture, cheaply; False when there are no more.

        Raises:
            DeviceError: the device is lost.
        """

    def picture(self) -> Picture | None:
        """Decodes what was grabbed last: BGR, uint8; None if it is not decodable."""

    def close(self) -> None:
        """Lets the device go; harmless when it is not open."""


def as_text(path: Path | str) -> str:
    """A file's name as text, whatever bytes it is of: it goes into logs and onto the bus."""
    return os.fsencode(path).decode(errors="replace")
