"""Where pictures come from: one small file a kind, behind one protocol.

To add a kind, write a class that does what `Source` says and have `open_source` pick it.
"""

from pathlib import Path

from calmloop.camera.settings import CameraSection
from calmloop.camera.sources import image_folder, opencv, simulated
from calmloop.camera.sources.source import Source
from calmloop.clock import Clock
from calmloop.errors import ConfigurationError

__all__ = ["SIMULATED", "Source", "open_source"]

SIMULATED = "sim"


def open_source(settings: CameraSection, clock: Clock) -> Source:
    """Picks the source that `settings.source` names. Does not open it yet.

    Raises:
        ConfigurationError: an URL of a kind that is not supported.
    """
    name = settings.source
    if name == SIMULATED:
        return simulated.SimulatedSource(settings, clock)
    if "://" in name:
        return opencv.StreamSource(_checked_url(name))
    if name.isdecimal() or name.startswith("/dev/"):
        return opencv.DeviceSource(settings)
    if Path(name).is_dir():
        return image_folder.ImageFolderSource(settings)
    return opencv.FileSource(settings)


def _checked_url(url: str) -> str:
    scheme = url.partition("://")[0].lower()
    if scheme not in opencv.STREAM_OPTIONS:
        raise ConfigurationError(
            f"camera.source: '{scheme}://' is not supported: use one of"
            f" {', '.join(opencv.STREAM_OPTIONS)}, a device, a file, a folder or '{SIMULATED}'"
        )
    return url
