"""Settings of the camera service."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from calmloop.base.errors import ConfigurationError
from calmloop.base.settings import Section, ServiceSettings
from calmloop.base.shown_values import MAY_HOLD_SECRET
from calmloop.camera import address
from calmloop.camera.choices import MoodPin, Rotation


class Playback(StrEnum):
    """What happens at the end of a file or folder."""

    LOOP = "loop"
    ONCE = "once"


class PixelFormat(StrEnum):
    """What a USB camera is asked for; many give their larger sizes as MJPG only."""

    AUTO = "auto"
    MJPG = "mjpg"
    YUYV = "yuyv"


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


def _names_a_file(path: Path | None) -> Path | None:
    if path is not None and (path.name in ("", "..") or path.is_dir()):
        raise ValueError("is a folder: name a file in it")
    return path


class CameraSection(Section):
    """Where the pictures come from and how they go out."""

    source: Annotated[
        str, BeforeValidator(_index_as_text), AfterValidator(_checked_source), MAY_HOLD_SECRET
    ] = Field(
        "sim",
        min_length=1,
        max_length=500,
        repr=False,
        description="'sim', a device (0 or /dev/video0), a file, a folder of pictures, or an URL"
        " (rtsp, rtsps, http, https, tcp).",
    )
    playback: Playback = Field(Playback.LOOP, description="Files and folders: again, or once.")
    width_px: int = Field(640, ge=160, le=1920, description="Frames are reduced to fit in here.")
    height_px: int = Field(480, ge=120, le=1080, description="The same; the aspect is kept.")
    rotate: Rotation = Field(
        Rotation.NONE,
        description="Degrees clockwise that make the picture of a turned camera upright.",
    )
    fps: float = Field(15.0, ge=1.0, le=30.0, description="Frames a second, at most.")
    jpeg_quality: int = Field(85, ge=40, le=95, description="Of the frames that are sent.")
    frozen_after_s: float = Field(
        5.0, ge=1.0, le=60.0, description="A live picture that stays the same for so long is dead."
    )
    pixel_format: PixelFormat = Field(
        PixelFormat.AUTO,
        description="What a USB camera is asked for; auto: what it likes best. Many give 720p and"
        " more as mjpg only.",
    )
    switch_file: Annotated[Path | None, AfterValidator(_names_a_file)] = Field(
        None, description="Remembers the privacy switch, also over a power cut."
    )
    sim_mood: MoodPin = Field(MoodPin.AUTO, description="Simulated child: holds one mood.")
    sim_seed: int = Field(1, ge=0, le=2**31 - 1, description="Simulated child: its chances.")


class Settings(ServiceSettings):
    """The common keys and this service's section."""

    camera: CameraSection = CameraSection()
