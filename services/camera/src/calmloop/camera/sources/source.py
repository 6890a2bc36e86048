"""What a source of pictures has to do, what it gets, and how it is chosen."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Protocol, runtime_checkable

from pydantic import AfterValidator, BeforeValidator, Field

from calmloop.base.clock import Clock
from calmloop.base.errors import ConfigurationError
from calmloop.base.settings import Section
from calmloop.base.shown_values import MAY_HOLD_SECRET
from calmloop.camera import address
from calmloop.camera.arrays import Picture
from calmloop.camera.choices import Playback
from calmloop.contract.messages.chair import Applied


def _index_as_text(value: object) -> object:
    """A device's index may be written without quotes in YAML."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _checked_source(source: str) -> str:
    """Refuses an address that cannot be told apart, without showing it."""
    if address.is_address(source):
        try:
            address.parse(source)
        except ConfigurationError as error:
            raise ValueError(str(error).removeprefix("camera.source: ")) from None
    return source


class SourceSettings(Section):
    """What every source gets; a file with settings of its own adds them in a model below this."""

    source: Annotated[
        str, BeforeValidator(_index_as_text), AfterValidator(_checked_source), MAY_HOLD_SECRET
    ] = Field(
        "sim",
        min_length=1,
        max_length=500,
        repr=False,
        description="'sim', a device (0 or /dev/video0), a file, a folder of pictures, an URL"
        " (rtsp, rtsps, http, https, tcp), or 'gst:' and a pipeline of GStreamer.",
    )
    playback: Playback = Field(Playback.LOOP, description="Files and folders: again, or once.")
    width_px: int = Field(640, ge=160, le=1920, description="Frames are reduced to fit in here.")
    height_px: int = Field(480, ge=120, le=1080, description="The same; the aspect is kept.")
    fps: float = Field(15.0, ge=1.0, le=30.0, description="Frames a second, at most.")


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


@runtime_checkable
class FeelsChair(Protocol):
    """A simulated child, which what the chair does has an effect on."""

    def feel(self, applied: Applied) -> None:
        """Tells what the chair does now; callable from another thread."""


@dataclass(frozen=True)
class SourceKind:
    """One kind of source: its file's `KIND`.

    Attributes:
        opens: Whether a value of `camera.source` means this kind.
        make: The source, from the kind's own settings and a clock; it is not opened yet.
        settings: What it gets; its own keys stand among those of the section `camera`.
        rank: Kinds are asked in this order, those of one name first, and the first that opens a
            value gets it.
    """

    opens: Callable[[str], bool]
    make: Callable[[Any, Clock], Source]
    settings: type[SourceSettings] = SourceSettings
    rank: int = 0


def as_text(path: Path | str) -> str:
    """A file's name as text, whatever bytes it is of: it goes into logs and onto the bus."""
    return os.fsencode(path).decode(errors="replace")
