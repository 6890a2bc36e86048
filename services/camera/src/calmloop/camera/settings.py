"""Settings of the camera service."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from calmloop.base.backends import merged
from calmloop.base.settings import ServiceSettings
from calmloop.camera.choices import Rotation
from calmloop.camera.sources import KINDS, SourceSettings


def _names_a_file(path: Path | None) -> Path | None:
    if path is not None and (path.name in ("", "..") or path.is_dir()):
        raise ValueError("is a folder: name a file in it")
    return path


@merged([kind.settings for kind in KINDS])
class CameraSection(SourceSettings):
    """Where the pictures come from, with the keys of every kind of source, and how they go out."""

    rotate: Rotation = Field(
        Rotation.NONE,
        description="Degrees clockwise that make the picture of a turned camera upright.",
    )
    jpeg_quality: int = Field(85, ge=40, le=95, description="Of the frames that are sent.")
    frozen_after_s: float = Field(
        5.0, ge=1.0, le=60.0, description="A live picture that stays the same for so long is dead."
    )
    switch_file: Annotated[Path | None, AfterValidator(_names_a_file)] = Field(
        None, description="Remembers the privacy switch, also over a power cut."
    )


class Settings(ServiceSettings):
    """The common keys and this service's section."""

    camera: CameraSection = CameraSection()
