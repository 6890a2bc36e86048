"""What a source of pictures has to do."""

from typing import Protocol
from urllib.parse import urlsplit

from calmloop.camera.picture import Picture


class Source(Protocol):
    """A camera, or what stands for one. Used by one thread at a time; may be opened again.

    Attributes:
        origin: What it is, for people; without credentials.
        live: Whether silence or a still picture means that something is broken.
        pace_fps: Pictures a second at which `grab` wants to be called; None if it waits itself.
            Valid once open.
    """

    origin: str
    live: bool
    pace_fps: float | None

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


def without_credentials(url: str) -> str:
    """The URL as it may be shown: no user, password, query or fragment, which can hold keys."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
